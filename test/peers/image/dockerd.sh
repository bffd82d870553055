# A Docker daemon of our own, beside any that the machine may run. Source it; needs root.
# shellcheck shell=bash

# start_dockerd FOLDER: returns when the daemon answers. Sets DOCKER_HOST and what stop_dockerd needs.
start_dockerd() {
  dockerd_folder=$1
  mkdir -p "$dockerd_folder"
  export DOCKER_HOST=unix://$dockerd_folder/docker.sock DOCKER_BUILDKIT=0 DOCKER_CONFIG=$dockerd_folder/client
  dockerd --data-root "$dockerd_folder/data" --exec-root "$dockerd_folder/exec" --pidfile "$dockerd_folder/dockerd.pid" \
    --host "$DOCKER_HOST" --storage-driver "${DOCKERD_STORAGE:-overlay2}" \
    --iptables=false --ip6tables=false --bridge=none >"$dockerd_folder/dockerd.log" 2>&1 &
  dockerd_pid=$!
  for _ in $(seq 120); do
    docker version >/dev/null 2>&1 && return
    kill -0 "$dockerd_pid" 2>/dev/null || break
    sleep 0.25
  done
  echo 'the Docker daemon did not start; the end of its log:' >&2
  tail -n 20 "$dockerd_folder/dockerd.log" >&2
  return 1
}

stop_dockerd() {
  [ -n "${dockerd_pid:-}" ] || return 0
  kill "$dockerd_pid" 2>/dev/null || true
  wait "$dockerd_pid" 2>/dev/null || true
  umount "$dockerd_folder/exec/netns/default" 2>/dev/null || true # the daemon leaves its network namespace mounted
}
