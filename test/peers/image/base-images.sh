# Base images from Debian's packages and the project's own Node.js, because no container registry is asked.
# Source it after dockerd.sh and expect.sh; needs root and debootstrap.
# shellcheck shell=bash

debian_codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
debian_image=local/debian:$debian_codename
node_image=local/node:24-$debian_codename

debian_mirror() {
  # shellcheck disable=SC2016 # apt fills in REPO_URI
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Codename: $debian_codename" 'Component: main' |
    head -n 1
}

# make_debian_image FOLDER: a minimal Debian that trusts the certificates this machine trusts.
make_debian_image() {
  local root=$1/debian
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --include=ca-certificates "$debian_codename" "$root" "$(debian_mirror)" >"$1/debootstrap.log"
  cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$root" -c . | docker import - "$debian_image" >/dev/null
  rm -rf --one-file-system "$root"
}

# make_node_image FOLDER: what the Dockerfile expects of its NODE_IMAGE: node, npm and the user node.
make_node_image() {
  local context=$1/node
  rm -rf "$context"
  mkdir -p "$context/bin"
  cp "$(realpath node_modules/node/bin/node)" "$context/bin/node"
  cp -r "$(dirname "$(realpath "$(command -v npm)")")/.." "$context/npm"
  cat >"$context/Dockerfile" <<EOF
FROM $debian_image
COPY bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
EOF
  quietly docker build --network none --tag "$node_image" "$context"
  rm -rf "$context"
}

# make_base_images FOLDER: keeps what an earlier run has made.
make_base_images() {
  docker image inspect "$debian_image" >/dev/null 2>&1 || make_debian_image "$1"
  docker image inspect "$node_image" >/dev/null 2>&1 || make_node_image "$1"
}
