#!/usr/bin/env bash
# Builds the image and runs it for real, with a Docker daemon of its own. Needs root and what test/peers/install installs.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. test/peers/image/expect.sh
. test/peers/image/dockerd.sh
. test/peers/image/base-images.sh

cache=${GUARDRELAY_PEERS_DIR:-$HOME/.cache/guardrelay-peers}/image
image=guardrelay:check
version=$(node --print 'require("./package.json").version')
scratch=$(mktemp -d)

agent=''

finish() {
  local status=$?
  [ -z "$agent" ] || docker rm --force "$agent" >/dev/null 2>&1 || true
  stop_dockerd
  rm -rf "$scratch"
  exit "$status"
}
trap finish EXIT

# As an operator hardens it, and without any network but loopback.
hardened=(--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --network none)

run_image() { docker run --rm "${hardened[@]}" "$@"; }

# start_agent OPTIONS-AND-IMAGE...: in the background, asked for its health each second.
start_agent() { agent=$(docker run --detach --health-interval 1s "${hardened[@]}" "$@"); }

becomes_healthy() {
  for _ in $(seq 60); do
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$agent")" != healthy ] || return 0
    sleep 0.5
  done
  docker logs "$agent"
  return 1
}

# TERM, as "docker stop" sends it. One that takes longer than five seconds is killed, which its exit code tells.
ends_cleanly_on_term() {
  docker stop --time 5 "$agent" >/dev/null
  local code
  code=$(docker inspect --format '{{.State.ExitCode}}' "$agent")
  docker logs "$agent" >"$scratch/agent.log" 2>&1
  docker rm "$agent" >/dev/null
  if [ "$code" -eq 0 ]; then return; fi
  echo "ended with code $code"
  tail -n 20 "$scratch/agent.log"
  return 1
}

start_dockerd "$cache"
make_base_images "$cache"
quietly docker build --network host --build-arg "NODE_IMAGE=$node_image" --tag "$image" .

expect 'it is the version of this tree' equal "$version" "$(run_image "$image" --version)"
expect 'it runs as the user node' equal 1000 "$(run_image --entrypoint id "$image" -u)"
expect 'it holds what runs and nothing else' equal 'LICENSE agent config dist node_modules package.json templates test' \
  "$(run_image --entrypoint ls "$image" /app | xargs)"
expect 'it cannot change its own code' fails docker run --rm --network none --entrypoint touch "$image" agent/main.ts
expect 'it can write to its data directory' run_image --entrypoint touch "$image" /var/lib/guardrelay/probe

expect 'the demo delivers every finding and ends' run_image "$image" demo --once

start_agent "$image" demo
expect 'the demo becomes healthy' becomes_healthy
expect 'the demo ends by itself on TERM' ends_cleanly_on_term

start_agent --volume "$PWD/test/peers/image/unreachable.yaml:/etc/guardrelay/guardrelay.yaml:ro" \
  --env AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE --env AWS_SECRET_ACCESS_KEY=none "$image"
expect 'the agent is healthy while neither AWS nor the SIEM can be reached' becomes_healthy
expect 'the agent ends by itself on TERM' ends_cleanly_on_term

expectations_met
