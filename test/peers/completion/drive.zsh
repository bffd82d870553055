# Prints what each line on stdin would be completed with. The completion system itself needs a terminal.
compdef() { : }
_describe() { offered=(${${(P)2}%%:*}) }
_files() { offered=(${words[-1]}*) }
source <(guardrelay completion zsh)
while IFS= read -r line; do
  words=("${(@s: :)line}")
  CURRENT=${#words} offered=()
  _guardrelay
  offered=(${(M)offered:#${words[-1]}*})
  print -r -- "$line|$offered"
done
