#!/bin/bash
# completion.sh POSTHOUSED: what bash, zsh and fish offer after the words of a command line.
posthoused=$(readlink -f "$1")
cd "$(dirname "$0")/../.." || exit 1
. data/completions/posthouse.bash
export LC_ALL=C.UTF-8
status=0
shells=(bash)
for shell in zsh fish; do
  if command -v $shell >/dev/null; then shells+=("$shell"); else echo "$shell is not installed: not tried"; fi
done

directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
# A name that the files know.
mkdir "$directory/bin"
ln -s "$posthoused" "$directory/bin/posthoused"
PATH=$directory/bin:$PATH
export HOME=$directory
place="--data $directory --config $directory/posthouse.ini"
echo secret | posthoused $place account add bob@demo.test || exit 1

offered_by_bash() {
  read -ra COMP_WORDS <<<"$1"
  [[ $1 == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _posthouse
  printf '%s\n' "${COMPREPLY[@]}"
}

offered_by_fish() { fish -c 'source data/completions/posthouse.fish; complete -C "$argv"' -- "$1"; }

# check SHELL WORD LINE LIST: the list has the word.
check() {
  grep -qE -- "(^|[[:space:]]|\[J)$2([[:space:]]|$|"$'\e)' <<<"$4" || { echo "$1: “$3” offers “$4”, not “$2”"; status=1; }
}

# offers WORD LINE: WORD must be offered for the last word of LINE.
words=() lines=()
offers() {
  words+=("$1")
  lines+=("posthoused $2")
}

offers account acc
offers --demo --d
offers passwd 'account '
offers --generate 'account add --'
offers bob@demo.test "$place account passwd "
offers bob@demo.test "$place send b"
offers --all 'queue retry -'
offers hold 'queue h'
offers revoke 'app-password '
offers bob@demo.test "$place app-password add "

for ((i = 0; i < ${#words[@]}; i++)); do
  for shell in "${shells[@]}"; do
    [ "$shell" = zsh ] || check "$shell" "${words[i]}" "${lines[i]}" "$(offered_by_"$shell" "${lines[i]}")"
  done
done
# Which takes long to get ready.
if [[ ${shells[*]} == *zsh* ]]; then
  exec 5< <(timeout 100 zsh -f tests/data/completion.zsh data/completions/posthouse.zsh "${lines[@]}")
  for ((i = 0; i < ${#words[@]}; i++)); do
    check zsh "${words[i]}" "${lines[i]}" "$(sed -u '/^<END>/q' <&5)"
  done
fi

# Every command that there is, is offered.
while read -r word; do
  check bash "$word" "posthoused ${word:0:2}" "$(offered_by_bash "posthoused ${word:0:2}")"
done < <(posthoused help | sed -n 's/^  \([a-z-]*\).*/\1/p' | sort -u)
exit $status
