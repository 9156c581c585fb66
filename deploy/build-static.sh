#!/bin/sh
# Builds cluster_chat as one static program and puts it at $1: the Dockerfile does in its builder, `cargo xtask docker`
# on the host. What follows is for cargo.
set -eu
out="$1"
shift
cd "$(dirname "$0")/.."

# Named, so that the flags are not for what runs while building: a procedural macro can't be static.
target="$(rustc -vV | sed -n 's/^host: //p')"
folder="${CARGO_TARGET_DIR:-target}/image"

RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --profile image \
  --target "$target" --target-dir "$folder" --package murmer-examples --bin cluster_chat "$@"
cp "$folder/$target/image/cluster_chat" "$out"
