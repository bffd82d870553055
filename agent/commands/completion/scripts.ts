type Shell = 'bash' | 'zsh' | 'fish';

// Each hands the words up to the cursor to yargs, which answers in the form of the shell that SHELL names, and that
// is the login shell, not the one that asks.
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_guardrelay() {
  local IFS=$'\\n' list="\${COMP_WORDS[COMP_CWORD]%"\${COMP_WORDS[COMP_CWORD]##*,}"}"
  COMPREPLY=($(compgen -W "$(SHELL=bash guardrelay --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}")" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ -z "$list" ] || compopt -o nospace
}
complete -o default -F _guardrelay guardrelay
`,
  zsh: `_guardrelay() {
  local -a found
  found=("\${(@f)$(SHELL=zsh guardrelay --get-yargs-completions "\${(@)words[1,CURRENT]}")}")
  [[ -n "$found" ]] && _describe guardrelay found || _files
}
compdef _guardrelay guardrelay
`,
  fish: `function __guardrelay
  set --local words (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor)
  set --local found (env SHELL=fish guardrelay --get-yargs-completions $words)
  if set --query found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline --current-token --cut-at-cursor)
  end
end
complete --command guardrelay --no-files --arguments '(__guardrelay)'
`,
};

/** To be sourced at the start of the shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
