#!/bin/bash
# completion.sh POSTHOUSED: what bash offers after the words of a command line.
posthoused=$(readlink -f "$1")
cd "$(dirname "$0")/../.." || exit 1
. data/completions/posthouse
status=0

# offers WORD LINE…: the last word of LINE is completed, and WORD must be among what is offered.
offers() {
  local expected=$1
  shift
  COMP_WORDS=("$posthoused" "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _posthouse
  [[ " ${COMPREPLY[*]} " == *" $expected "* ]] || { echo "“$*” offers “${COMPREPLY[*]}”, not “$expected”"; status=1; }
}

directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
place=(--data "$directory" --config "$directory/posthouse.ini")
echo secret | "$posthoused" "${place[@]}" account add bob@demo.test || exit 1

offers account acc
offers --demo --d
offers passwd account pass
offers --generate account add --
offers bob@demo.test "${place[@]}" account passwd b
offers bob@demo.test "${place[@]}" send b
offers --all queue retry --
offers hold queue h

# Every command that there is, is offered.
while read -r word; do
  offers "$word" "${word:0:2}"
done < <("$posthoused" help | sed -n 's/^  \([a-z]*\).*/\1/p' | sort -u)
exit $status
