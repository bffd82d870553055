# Prints what each line on stdin would be completed with.
source <(guardrelay completion bash)
while IFS= read -r line; do
  COMP_WORDS=($line)
  [ "${line% }" = "$line" ] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  # compopt wants an interactive shell.
  _guardrelay 2>/dev/null
  # What `-o default` does.
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
  echo "$line|${COMPREPLY[*]}"
done
