#!/bin/bash
# flatpak.sh: the shipped manifest is built and installed without Flathub, runs under Xvfb in its sandbox, is
# reached from outside, keeps its data where Flatpak puts them, and goes again without a trace but those.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

if [ "${1:-}" != inside ]; then
  folder=${FOLDER:-$(mktemp -d)} && [ -n "$folder" ] || exit 1
  [ -n "${FOLDER:-}" ] || trap 'rm -rf --one-file-system "$folder"' EXIT
  export FOLDER=$folder
  build-aux/flatpak all || exit 1
  # A network of its own: the usual ports are free there; and root's right to low ports is gone, as a user has none.
  # From here on a display and a bus.
  UI_TIMEOUT=300 unshare --net bash -c 'ip link set lo up && exec setpriv --bounding-set=-net_bind_service build-aux/with-display "$0" inside' "$0"
  exit
fi

id=org.posthouse.Posthouse
home=$HOME/.var/app/$id
fail() { echo "$*"; exit 1; }
posthouse() { build-aux/flatpak run "$id" "$@"; }

exports=$FOLDER/installation/exports/share
for file in applications/$id.desktop icons/hicolor/scalable/apps/$id.svg icons/hicolor/symbolic/apps/$id-symbolic.svg dbus-1/services/$id.service; do
  [ -e "$exports/$file" ] || fail "$file is not exported"
done
compgen -G "$exports/metainfo/$id.*.xml" >/dev/null || fail 'the metainfo is not exported'
desktop-file-validate "$exports/applications/$id.desktop" || exit 1
build-aux/flatpak other info --show-permissions "$id" >"$HOME/permissions"
cat "$HOME/permissions"
grep -E '^(filesystems|\[Session Bus Policy\]|\[System Bus Policy\])' "$HOME/permissions" && fail 'it asks for more than network and display'

mkdir -p "$home/config/posthouse"
printf '[Service pop3]\nPort=110\n' >"$home/config/posthouse/posthouse.ini"
chmod 600 "$home/config/posthouse/posthouse.ini"
touch "$HOME/start"
posthouse --start &
program=$!
for _ in $(seq 60); do
  xdotool search --onlyvisible --name Posthouse >/dev/null 2>&1 && break
  sleep 1
done
xdotool search --onlyvisible --name Posthouse >/dev/null || fail 'no window'
echo 'the window is open'

# Another sandbox speaks to the one that runs.
posthouse account add bob@demo.test <<<secret || fail 'account add'
posthouse status | tee "$HOME/status" || fail 'status'
[ "$(grep -c running "$HOME/status")" = 6 ] || fail 'not all services run'
grep -P '^pop3\t127.0.0.1\t110\tstarttls\tfailed\tPort 110 needs privilege.*2110' "$HOME/status" || fail 'port 110 is not explained'

# From outside.
swaks --server 127.0.0.1:2525 --to bob@demo.test --from me@example.org --body Hello --tls >"$HOME/swaks" || { cat "$HOME/swaks"; exit 1; }
for url in imap://127.0.0.1:2143 imaps://127.0.0.1:2993 pop3s://127.0.0.1:2995; do
  [[ $url == pop* ]] && path='/1' || path='/INBOX;MAILINDEX=1'
  curl -sk --user bob@demo.test:secret "$url$path" | grep -q Hello || fail "$url"
done
gdbus call --session --dest "$id" --object-path /org/posthouse/Posthouse --method "$id.ListAccounts" | grep -q bob@demo.test || fail 'D-Bus'
echo 'reached from outside by swaks, curl and D-Bus'

[ -n "$(find "$home/data/posthouse/mail/demo.test/bob" -name '*S=*')" ] || fail "no mail in $home"
[ "$(stat -c %a "$home/config/posthouse/posthouse.ini")" = 600 ] || fail 'settings are open to others'
elsewhere=$(find "$HOME" -newer "$HOME/start" -type f ! -path "$home/*" ! -path "$HOME/start" ! -path "$HOME/portal" ! -path "$HOME/status" ! -path "$HOME/swaks" ! -path "$HOME/.cache/*" ! -path "$HOME/.local/share/flatpak/*")
[ -z "$elsewhere" ] || fail "written elsewhere: $elsewhere"

posthouse --stop || fail 'stop'
posthouse status && fail 'still runs'
posthouse quit || fail 'quit'
wait $program || fail "it ended with $?"

# Without a window: the desktop's portal is asked from inside the sandbox, and told what goes on.
/usr/bin/python3 tests/app/portal.py "$HOME/portal" &
portal=$!
posthouse --background &
program=$!
for _ in $(seq 60); do
  grep -q SetStatus "$HOME/portal" 2>/dev/null && break
  sleep 1
done
cat "$HOME/portal"
grep -q RequestBackground "$HOME/portal" && grep -q SetStatus "$HOME/portal" || fail 'the portal was not asked'
xdotool search --onlyvisible --name Posthouse >/dev/null 2>&1 && fail 'a window without being asked'
posthouse status >/dev/null || fail 'it does not serve without a window'
posthouse --stop || fail 'stop'
wait $program || fail "it ended with $?"
kill $portal
echo 'served without a window, after asking the portal'

build-aux/flatpak other uninstall -y --noninteractive "$id" || fail 'uninstall'
left=$(find "$FOLDER/installation" -path '*posthouse*' ! -path '*/repo/*' ! -path '*/.removed/*')
[ -z "$left" ] || fail "left behind: $left"
[ -n "$(find "$home/data/posthouse/mail/demo.test/bob" -name '*S=*')" ] || fail 'the mail is gone'
echo 'stopped, uninstalled; its data are still there'
