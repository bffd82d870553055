#!/usr/bin/env bash
# Brings config/compose.yaml up for real, with moto in the place of AWS. Needs root and what test/peers/install installs.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. test/peers/image/expect.sh
. test/peers/image/dockerd.sh
. test/peers/image/base-images.sh

cache=${GUARDRELAY_PEERS_DIR:-$HOME/.cache/guardrelay-peers}/image
scratch=$(mktemp -d)
moto_pid=''

export NODE_IMAGE=$node_image DEBIAN_IMAGE=$debian_image MOTO_URL=http://172.31.250.1:5000
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=none AWS_SESSION_TOKEN=''
export EXTERNAL_ID_FILE=$scratch/external-id

compose() {
  docker-compose --project-name guardrelay --file config/compose.yaml --file test/peers/image/compose.test.yaml --ansi never "$@"
}

finish() {
  local status=$?
  [ -z "${dockerd_pid:-}" ] || compose down --volumes >/dev/null 2>&1 || true
  [ -z "$moto_pid" ] || kill "$moto_pid" || true
  stop_dockerd
  rm -rf "$scratch"
  exit "$status"
}
trap finish EXIT

# moto listens where only the containers reach it: on the host's side of their network.
start_moto() {
  moto_server --host 172.31.250.1 --port 5000 >"$scratch/moto.log" 2>&1 &
  moto_pid=$!
  for _ in $(seq 60); do
    node test/peers/image/seed.ts "$MOTO_URL" 2>"$scratch/seed.log" && return
    sleep 0.5
  done
  cat "$scratch/moto.log" "$scratch/seed.log" >&2
  return 1
}

arrived() { compose exec -T rsyslog cat /var/log/guardrelay/findings.log 2>/dev/null | grep -c '"schema":"guardrelay.record/v1"'; }

all_arrive() {
  for _ in $(seq 90); do
    [ "$(arrived)" != 20 ] || return 0
    sleep 1
  done
  compose logs agent | tail -n 30
  return 1
}

state_of() { docker inspect --format "$2" "$(compose ps --quiet "$1")"; }

echo 0123456789abcdef0123456789abcdef >"$EXTERNAL_ID_FILE"
start_dockerd "$cache"
make_base_images "$cache"
quietly compose build
quietly compose up --detach rsyslog # which makes the network that moto listens on
start_moto
quietly compose up --detach
expect 'every finding reaches rsyslog, by TLS' all_arrive
expect 'the agent is healthy' equal healthy "$(state_of agent '{{.State.Health.Status}}')"
expect 'rsyslog is healthy' equal healthy "$(state_of rsyslog '{{.State.Health.Status}}')"
agent=$(compose ps --quiet agent)
quietly compose stop agent
expect 'the agent ends well when it is stopped' equal 0 "$(docker inspect --format '{{.State.ExitCode}}' "$agent")"

expectations_met
