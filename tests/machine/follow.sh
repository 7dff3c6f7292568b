#!/bin/bash
# follow.sh: does what the README and the manual pages say, line by line, as they say it; run by readme.sh on a fresh
# Debian. A line of theirs that it does not know fails it, so that none is promised untried. "follow.sh known" does
# nothing but look for such a line, for the ordinary check.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export PATH=$HOME/.local/bin:$HOME/.local/sbin:$PATH
fail() { echo "FAILED: $*"; exit 1; }
# To type a password where one is asked for.
typed=$(mktemp)
scratch=$(mktemp -d)
chmod 700 "$scratch"

# do_line LINE: shows and does it; it must succeed.
do_line() {
  echo "+ $1"
  (eval "$1") <"$typed" >"$scratch/output" 2>&1 || { cat "$scratch/output"; fail "$1"; }
}

# serve LINE: does it until it says that it serves; end_server ends it.
serve() {
  echo "+ $1"
  (eval "exec $1") >"$scratch/served" 2>&1 &
  server=$!
  for _ in $(seq 60); do
    grep -qE '^Ctrl\+C|"services":' "$scratch/served" && return
    kill -0 $server 2>/dev/null || break
    sleep 1
  done
  cat "$scratch/served"
  fail "$1"
}

end_server() {
  kill $server
  wait $server || fail "the server ended with $?"
}

have() { grep -q -- "$1" "$scratch/output" || { cat "$scratch/output"; fail "no “$1” there"; }; }

# try_demo: the lines that it prints work as they are printed.
try_demo() {
  local client line
  for client in swaks curl; do
    line=$(grep "^  $client " "$scratch/served") || fail "no line for $client"
    do_line "$line"
    have Hello
  done
}

readme_line() {
  case $1 in
    build-aux/run* | build-aux/check*) ;; # readme.sh does them
    build-aux/deb* | build-aux/flatpak*) ;; # deb.sh and flatpak.sh do
    flatpak-builder*) ;;                   # takes Flathub
    meson*)
      do_line "${1%% \#*}"
      ;;
    swaks*)
      # What the reader has by now: a Posthouse that runs, with his account.
      posthoused --background >/dev/null || fail 'posthoused --background'
      echo secret >"$typed"
      posthoused account add you@your.domain <"$typed" || fail 'account add'
      do_line "$1"
      ;;
    curl*)
      do_line "$1"
      have Hello
      posthoused --stop
      ;;
    'posthoused --demo --data DIR'*)
      serve "${1/DIR/$scratch\/demo}"
      python3 -c 'import json, sys; info = json.loads(sys.stdin.readline())
assert [a for a in info["accounts"] if a == {"address": "bob@demo.test", "password": "secret"}] and len(info["services"]) == 7, info' <"$scratch/served" || fail 'the line of JSON'
      end_server
      ;;
    'posthoused --demo'*)
      serve "${1%% \#*}"
      try_demo
      end_server
      ;;
    'posthoused --background'* | 'posthoused account'* | 'echo Hello |'* | 'posthoused queue list'* | 'posthoused --stop'*) do_line "${1%% \#*}" ;;
    'posthoused import'*)
      printf 'From me@example.org Thu Nov 26 12:00:00 2026\nSubject: old\n\nHello\n' >"$scratch/old.mbox"
      mkdir -p "$HOME/Maildir"/{cur,new,tmp}
      printf 'Subject: older\n\nHello\n' >"$HOME/Maildir/new/1.2.3"
      do_line "cd $scratch && ${1%% #*}"
      ;;
    'posthoused domain check'*)
      # Something is to be done in DNS, or there is no DNS.
      echo "+ ${1%% \#*}"
      (eval "${1%% \#*}") >"$scratch/output"
      [ $? -le 1 ] || fail "$1"
      have MX
      have DMARC
      ;;
    'posthoused backup DIR'*)
      line=${1%% \#*}
      do_line "${line/DIR/$scratch/backup}"
      do_line "posthoused verify $scratch/backup"
      ;;
    'posthoused status'*)
      do_line "${1%% \#*}"
      have $'smtp\t127.0.0.1\t2525\tstarttls\trunning'
      ;;
    'posthoused test'*)
      do_line "${1%% \#*}"
      have $'\tTLS1.3\tgood\tIMAP4rev1, '
      ;;
    '{"services"'* | '~/'* | ' '* | '') ;; # what is printed, and where things are
    *) fail "nobody has tried “$1” of the README" ;;
  esac
}

# Commands within a line of text.
readme_words() {
  case $1 in
    'posthoused --import-clever settings.ini')
      printf '[Settings]\nSMTPPort=2625\n' >"$scratch/settings.ini"
      do_line "cd $scratch && $1"
      ;;
    'posthoused --export-authority FILE')
      do_line "${1/FILE/$scratch/authority.crt}"
      have authority.crt
      ;;
    'tests/bench'*) ;;
    *) fail "nobody has tried “$1” of the README" ;;
  esac
}

manual_line() {
  case $1 in
    'systemctl --user'*) ;; # takes a user's systemd; tests/data/user-unit.sh has it read the unit
    'gdbus call'*)
      posthouse --gapplication-service &
      gdbus wait --session org.posthouse.Posthouse --timeout 60 || fail 'it is not on the bus'
      do_line "$1"
      have "'smtp', '127.0.0.1'"
      posthouse quit
      wait
      ;;
    '{"services"'*) ;;
    'posthouse '* | 'until posthouse '* | 'echo Hello |'*) do_line "$1" ;;
    *) fail "nobody has tried “$1” of a manual page" ;;
  esac
}

follow_readme() {
  local lines line
  mapfile -t lines < <(sed -n 's/^    //p' README.md)
  for line in "${lines[@]}"; do
    readme_line "$line"
  done
  mapfile -t lines < <(grep -oE '`(posthoused --|build-aux/check --|tests/bench)[^`]*`' README.md | tr -d '`' | sort -u)
  for line in "${lines[@]}"; do
    readme_words "$line"
  done
}

follow_manual() {
  local line
  while read -r line; do
    manual_line "$line"
  done < <(sed -n '/^\.nf/,/^\.fi/{/^\.\(nf\|fi\)/d; s/\\-/-/g; p}' data/man/posthouse.1 data/man/posthoused.8 | sed -e ':a' -e '/\\$/N; s/\\\{1,2\}\n *//; ta' | grep .)
  wait
}

case ${1:-} in
  known)
    HOME=$scratch
    do_line() { :; }
    serve() { server=; : >"$scratch/served"; }
    for name in end_server have try_demo posthouse posthoused gdbus python3; do
      eval "$name() { :; }"
    done
    follow_readme
    follow_manual
    rm -rf "$scratch" "$typed"
    ;;
  uninstall)
    do_line "$(sed -n 's/^    meson .*# and: //p' README.md)"
    left=$(find "$HOME/.local" -iname '*posthouse*' ! -path "$HOME/.local/share/posthouse*")
    [ -z "$left" ] || fail "left behind: $left"
    ;;
  # A display has a home of its own; the programs are still found.
  manual) exec build-aux/with-display "$0" window ;;
  window)
    follow_manual
    echo 'followed the manual pages'
    ;;
  *)
    follow_readme
    for page in posthouse.1 posthouse.ini.5 posthoused.8; do
      [ -f "$HOME/.local/share/man/man${page##*.}/$page" ] || fail "$page is not installed"
    done
    echo 'followed the README'
    ;;
esac
