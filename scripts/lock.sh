#!/usr/bin/env bash
# Lock the dependencies: requirements/<set>.txt with hashes, for every platform and Python.
# The largest set is resolved first and bounds the others, so that all sets agree on each version.
set -eu

uv=$1
folder=$2
cd "$(dirname "$0")/.."
mkdir -p "$folder"

lock() {
  local name=$1
  shift
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --upgrade "$@" -o "$folder/$name.txt"
  echo "requirements/$name.txt: $(grep -c '==' "$folder/$name.txt") packages"
}

lock bench --extra local --extra metrics --extra traces --group dev --group bench pyproject.toml
lock dev -c "$folder/bench.txt" --extra local --extra metrics --extra traces --group dev pyproject.toml
lock local -c "$folder/bench.txt" --extra local pyproject.toml
lock core -c "$folder/bench.txt" pyproject.toml
lock build -c "$folder/bench.txt" --group build
lock lock --group lock
