#!/bin/bash
# translations.sh: every translation is well formed, and POTFILES.in names every file with words for people.
cd "$(dirname "$0")/../.." || exit 1
status=0
while read -r language; do
  msgfmt --check --output-file=/dev/null "po/$language.po" || status=1
done < <(grep -v '^#' po/LINGUAS | tr ' ' '\n' | grep .)

while read -r file; do
  grep -qxF "$file" po/POTFILES.in || { echo "po/POTFILES.in lacks $file"; status=1; }
done < <(grep -lE '\b(_|N_|C_|ngettext) \(|translatable="yes"' -r src/app ui)
while read -r file; do
  [ -f "$file" ] || { echo "po/POTFILES.in has $file, which is not there"; status=1; }
done < <(grep -v '^#' po/POTFILES.in | grep .)
exit $status
