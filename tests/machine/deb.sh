#!/bin/bash
# deb.sh: the Debian packages are built, lintian has nothing against them, and on a fresh Debian 12 they
# install, serve, show a window, and go again without a trace but the mail.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$folder"' EXIT
build-aux/deb "$folder/packages" || exit 1
build-aux/fresh make "$folder/debian" bookworm || exit 1
cp "$folder"/packages/*.deb "$folder/debian/srv"

cat >"$folder/debian/srv/try" <<'SCRIPT'
fail() { echo "$*"; exit 1; }
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/srv/apt.log 2>&1 || { tail /srv/apt.log; exit 1; }; }
cd /
rm -rf /srv/posthouse
apt-get update -qq
find / -xdev -path /proc -prune -o -path /var -prune -o -path /root -prune -o -path /srv -prune -o -print | sort >/srv/before

install /srv/posthoused_*.deb
dpkg-query -W -f '${Package}\n' | grep -E '^lib(gtk|adwaita|x11|wayland)' && fail 'the server without a window brought these along'
[ "$(posthoused --version)" = "posthoused 0.1.0" ] || fail 'no version'
install curl swaks
posthoused --demo --background >/srv/info || fail 'it does not serve'
for client in swaks curl; do
  sh -c "$(grep "^  $client " /srv/info)" >/srv/answer 2>&1 || { cat /srv/answer; exit 1; }
  grep -q Hello /srv/answer || { cat /srv/answer; exit 1; }
done
posthoused --data $HOME/.local/share/posthouse-demo --stop || fail 'it does not stop'

install /srv/posthouse_*.deb xvfb xdotool dbus
mkfifo /srv/ready
exec 6<>/srv/ready
Xvfb -displayfd 6 -screen 0 1280x900x24 -nolisten tcp -noreset >/srv/xvfb.log 2>&1 &
read -r -t 30 -u 6 number || { cat /srv/xvfb.log; exit 1; }
export -f fail
DISPLAY=:$number dbus-run-session -- bash -c '
  posthouse --start & program=$!
  for _ in $(seq 60); do xdotool search --onlyvisible --name Posthouse >/dev/null 2>&1 && break; sleep 1; done
  xdotool search --onlyvisible --name Posthouse >/dev/null || fail "no window"
  posthouse account add bob@demo.test <<<secret || fail "account add"
  posthouse status || fail status
  swaks --server 127.0.0.1:2525 --to bob@demo.test --body Hello >/srv/answer 2>&1 || { cat /srv/answer; fail swaks; }
  curl -sS --user bob@demo.test:secret "imap://127.0.0.1:2143/INBOX;MAILINDEX=1" >/srv/answer 2>&1 && grep -q Hello /srv/answer || { cat /srv/answer; fail curl; }
  posthouse --stop || fail "--stop"
  posthouse quit || fail quit
  wait $program || fail "it ended with $?"' || exit 1

DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq posthouse posthoused >/dev/null 2>&1 || fail 'it does not go'
left=$(find / -xdev -path /proc -prune -o -path /var -prune -o -path /root -prune -o -path /srv -prune -o -print | sort | comm -13 /srv/before - | grep -i posthouse)
[ -z "$left" ] || fail "left behind: $left"
[ -n "$(find $HOME/.local/share/posthouse/mail/demo.test/bob -type f -name '*posthouse*S=*')" ] || fail 'the mail is gone'
echo 'installed, served, shown, purged'
SCRIPT
build-aux/fresh run "$folder/debian" bash /srv/try
