#!/bin/bash
# debian-13.sh: the tree builds without a warning on Debian 13 (GTK 4.18, libadwaita 1.7), and passes its tests there.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d) || exit 1
folder=$scratch/debian-13
trap 'rm -rf --one-file-system "$scratch"' EXIT
build-aux/fresh make "$folder" trixie || exit 1
build-aux/fresh run "$folder" bash -c '
  build-aux/install-packages build test peer &&
  meson setup build -Dwerror=true >/dev/null && meson compile -C build >build/log || { tail -n 40 build/log; exit 1; }
  meson test -C build --no-rebuild --no-suite lint --print-errorlogs --timeout-multiplier 3
  build-aux/count-tests 0 build/meson-logs'
