#!/bin/bash
# manual.sh POSTHOUSED PAGE…: manual pages are formatted without a warning, and tell of every option and command.
posthoused=$1
shift
commands=$("$posthoused" help | sed -n 's/^  \([a-z-]*\).*/\1/p' | sort -u)
status=0
for page in "$@"; do
  warnings=$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
  [ -z "$warnings" ] || { echo "$page: $warnings"; status=1; }
  # What the page says, without its fonts and hyphens' backslashes.
  text=$(sed 's/\\f[BIR]//g; s/\\-/-/g; s/"//g' "$page")
  case $page in
    *posthoused.8)
      words=$("$posthoused" --help | grep -oE -- '--[a-z-]+' | grep -v -- --help | sort -u)
      # They stand in a list, so that "this domain" tells of none.
      for command in $commands; do grep -qE -- "(^|, )$command[,.]" <<<"$text" || { echo "$page does not list $command"; status=1; }; done
      ;;
    *posthouse.1) words=$commands ;;
    *) words='' ;;
  esac
  for word in $words; do
    grep -qF -- "$word" <<<"$text" || { echo "$page does not tell of $word"; status=1; }
  done
done
exit $status
