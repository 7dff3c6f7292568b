#!/bin/bash
# readme.sh: on a fresh Debian 12 the two commands of the README do what it says, with nothing else typed, and are
# timed; then everything else that the README and the manual pages say is done as they say it (follow.sh).
# PICTURE=FILE keeps a picture of the window.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d) || exit 1
folder=$scratch/debian-12
trap 'rm -rf --one-file-system "$scratch"' EXIT
build-aux/fresh make "$folder" bookworm || exit 1

cat >"$folder/srv/try-run" <<'SCRIPT'
start=$SECONDS
build-aux/run >/srv/output 2>&1 &
program=$!
until grep -q '^Ctrl+C' /srv/output; do
  kill -0 $program 2>/dev/null || { cat /srv/output; exit 1; }
  sleep 1
done
echo "build-aux/run serves after $((SECONDS - start)) s"
cat /srv/output
for client in swaks curl; do
  line=$(grep "^  $client " /srv/output) || { echo "no line for $client"; exit 1; }
  echo "+$line"
  sh -c "$line" >/srv/answer 2>&1 || { cat /srv/answer; exit 1; }
  grep -q Hello /srv/answer || { cat /srv/answer; exit 1; }
done
kill $program
wait $program || { echo "it ended with $?"; exit 1; }
SCRIPT

cat >"$folder/srv/try-window" <<'SCRIPT'
start=$SECONDS
build-aux/run --start & program=$!
for _ in $(seq 60); do
  xdotool search --onlyvisible --name Posthouse >/dev/null 2>&1 && break
  sleep 1
done
xdotool search --onlyvisible --name Posthouse >/dev/null || exit 1
echo "build-aux/run shows its window after $((SECONDS - start)) s"
swaks --server 127.0.0.1:2525 --to postmaster@nobody.test --quit-after RCPT 2>&1 | grep -q "^<\*\* 550\|^<\** *550" || exit 1
import -window root /srv/window.png
build/src/app/posthouse status || exit 1
build/src/app/posthouse quit
wait $program
SCRIPT

echo "== build-aux/run, without a display"
build-aux/fresh run "$folder" bash /srv/try-run || exit 1
echo "== the README, line by line"
build-aux/fresh run "$folder" tests/machine/follow.sh || exit 1
echo "== build-aux/check"
start=$SECONDS
build-aux/fresh run "$folder" build-aux/check || exit 1
echo "build-aux/check took $((SECONDS - start)) s"
echo "== build-aux/run, with a display"
build-aux/fresh run "$folder" build-aux/with-display bash /srv/try-window || { echo "no window"; exit 1; }
[ -z "${PICTURE:-}" ] || cp "$folder/srv/window.png" "$PICTURE"
echo "== the manual pages, line by line"
build-aux/fresh run "$folder" tests/machine/follow.sh manual || exit 1
echo "== uninstalled"
build-aux/fresh run "$folder" tests/machine/follow.sh uninstall || exit 1
