#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the Collectors before the tests that need them start their clocks. Exit code 77:
# skipped, for want of Go.
set -eu
cd "$(dirname "$0")"
if ! command -v go >/dev/null; then
  echo "no Go toolchain to build the Collectors with"
  [ "${CI:-}" != true ] || exit 1
  echo "skipped"
  exit 77
fi
for manifest in collector-*.yaml; do
  ./build_collector.sh "$manifest"
done
