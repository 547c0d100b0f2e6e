#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the Collector of one manifest with Go and prints the path of the program.
#
#   tests/e2e/build_collector.sh tests/e2e/collector-0.162.yaml
#
# Built once per content of the manifest, whose hash names the folder in the user's cache. The
# program gets there by a rename: two builds at once, or one cut short, leave nothing half-made.
# Costs one to two minutes of two cores the first time, nothing afterwards.
set -eu

manifest=$1
version=$(basename "$manifest" .yaml)
version=${version#collector-}
hash=$(sha256sum "$manifest" | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/flameway
program=$cache/collector-$version-$hash/otelcol

if [ -x "$program" ]; then
  echo "$program"
  exit 0
fi
command -v go >/dev/null || { echo "no Go toolchain: cannot build $manifest" >&2; exit 69; }

mkdir -p "$cache"
work=$(mktemp -d "$cache/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$manifest" "$work/manifest.yaml"
{
  GOBIN=$work CGO_ENABLED=0 go install "go.opentelemetry.io/collector/cmd/builder@v${version%%-*}.0"
  (cd "$work" && CGO_ENABLED=0 ./builder --config=manifest.yaml)
} >&2
mkdir -p "$(dirname "$program")"
mv -f "$work/otelcol/otelcol" "$program"
echo "$program"
