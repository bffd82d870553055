# Assertions for shell scripts. Source it.
# shellcheck shell=bash

unmet=0

# expect WORDS COMMAND...: says ok if the command succeeds; else what it printed.
expect() {
  local words=$1 printed
  shift
  if printed=$("$@" 2>&1); then
    echo "ok - $words"
  else
    echo "not ok - $words"
    printf '%s\n' "$printed" | sed 's/^/  # /'
    unmet=$((unmet + 1))
  fi
}

equal() { [ "$1" = "$2" ] || { printf 'expected %s\nfound    %s\n' "$1" "$2"; return 1; }; }

fails() { ! "$@"; }

expectations_met() { [ "$unmet" -eq 0 ]; }

# quietly COMMAND...: what it prints is shown only if it fails.
quietly() {
  local printed
  printed=$("$@" 2>&1) || { printf '%s\n' "$printed" >&2; return 1; }
}
