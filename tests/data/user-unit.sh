#!/bin/bash
# user-unit.sh UNIT: systemd understands every line of the user unit.
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
export XDG_RUNTIME_DIR=$directory
# The program that it names is installed later.
sed 's|^ExecStart=.*|ExecStart=/bin/true|' "$1" >"$directory/posthoused.service"
output=$(systemd-analyze verify --user --man=no "$directory/posthoused.service" 2>&1) || { echo "$output"; exit 1; }
echo "$output"
! grep -F posthoused.service <<<"$output"
