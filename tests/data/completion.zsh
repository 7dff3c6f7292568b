# zsh -f completion.zsh FILE LINE…: what zsh, with a terminal of its own, lists when Tab is pressed after each LINE; after each a line “<END>”.
zmodload zsh/zpty
folder=$(mktemp -d)
cp $1 $folder/_posthouse
shift
zpty terminal "zsh -f -i"
zpty -w terminal "unsetopt beep prompt_sp; stty cols 200; fpath=($folder \$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' list-choices; PS1='<RE''ADY>'"
zpty -r terminal text '*<READY>*'
for line in $@; do
  zpty -w -n terminal "$line"$'\t'$'\C-u'"echo '<E''ND>'"$'\n'
  zpty -r terminal text '*<END>*<READY>'
  print -r -- ${text//<END>}
  print '<END>'
done
zpty -d terminal
rm -r $folder
