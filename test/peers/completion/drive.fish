# Prints what each line on stdin would be completed with.
guardrelay completion fish | source
while read --delimiter \n line
  set found (complete --do-complete $line | cut -f1)
  echo "$line|$found"
end
