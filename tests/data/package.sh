#!/bin/bash
# package.sh BUILD: what is built makes Debian packages that lintian has nothing against.
[ "$(meson introspect "$1" --buildoptions | python3 -c 'import json, sys; print(next(option["value"] for option in json.load(sys.stdin) if option["name"] == "prefix"))')" = /usr ] ||
  { echo 'Packages have the prefix /usr, as the build of build-aux/check'; exit 77; }
for program in dpkg-buildpackage dh lintian; do
  command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
# Debug symbols take the longest, and nobody looks at them.
DEB_BUILD_OPTIONS=noautodbgsym "$(dirname "$0")/../../build-aux/deb" --built "$1" "$directory/packages"
