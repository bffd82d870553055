#!/usr/bin/env bash
# Checks the published templates with cfn-lint, for every region that it knows, and what test/fixtures say of AWS's resource
# handlers. Needs python3, node, and PyPI the first time.
# Usage: run.sh    (GUARDRELAY_PEERS_DIR says where the virtual environment is kept)
set -euo pipefail

version=1.58.0
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
venv=${GUARDRELAY_PEERS_DIR:-$HOME/.cache/guardrelay-peers}/cfn-lint-$version

# Debian keeps ensurepip, which a virtual environment needs, in a package of its own.
ensure_venv_module() {
  python3 -c 'import ensurepip, venv' 2>/dev/null && return
  local sudo=
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -q
  $sudo apt-get install -y -q --no-install-recommends python3-venv
}

install_cfn_lint() {
  ensure_venv_module
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check "cfn-lint==$version"
  touch "$venv/complete"
}

# An interrupted installation leaves the folder but not the mark.
[ -e "$venv/complete" ] || install_cfn_lint
"$venv/bin/cfn-lint" --version
# One at a time takes two minutes: each region has resource schemas of its own.
printf '%s\0' "$root"/templates/*.yaml | xargs -0 -n 1 -P 2 "$venv/bin/cfn-lint" --regions ALL_REGIONS --
echo 'cfn-lint: the templates are clean'
node "$root/test/peers/cfn-lint/handler-permissions.ts" "$venv"
