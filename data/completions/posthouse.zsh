#compdef posthouse posthoused
# zsh completion for posthouse(1) and posthoused(8): what there is to offer, the program says itself.

local program=${words[1]/#\~/$HOME} text i
local -a place typed rows found offered options

case $words[CURRENT-1] in
  --config | -c | --import-clever | --export-authority) _files; return ;;
  --data | -d) _files -/; return ;;
esac

# The words of the command so far, and where its Posthouse is.
for ((i = 2; i < CURRENT; i++)); do
  case $words[i] in
    --config | -c | --data | -d) place+=($words[i] ${(Q)words[++i]}) ;;
    -*) ;;
    *) typed+=($words[i]) ;;
  esac
done

# "  WORDS ARGUMENTS   SUMMARY", of one command or several that begin so.
rows=(${${(M)${(f)"$($program help 2>/dev/null)"}:#  *}#  })
for ((i = $#typed > 2 ? 2 : $#typed; i > 0; i--)); do
  found=(${(M)rows:#${typed[1,i]} *})
  (($#found > 0)) && break
done

if ((i == 0)); then
  offered=(${(u)rows%% *})
  text=$($program --help 2>/dev/null)
elif (($#found > 1)); then
  # A summary beside each.
  offered=(${${${found#* }%% *}/%/:})
  for ((i = 1; i <= $#found; i++)); do
    offered[i]+=${found[i]##*  }
  done
  _describe -t commands command offered
  return
else
  text=$($program ${typed[1,i]} --help 2>/dev/null)
  case ${found[1]%%  *} in
    'account add'*) ;;
    *'ADDRESS FILE'*) (($#typed > i)) && _files || offered=(${${(f)"$($program $place account list 2>/dev/null)"}%%$'\t'*}) ;;
    *ADDRESS* | *RECIPIENT…) offered=(${${(f)"$($program $place account list 2>/dev/null)"}%%$'\t'*}) ;;
    *SERVICE) offered=(${${(f)"$($program $place status 2>/dev/null)"}%%$'\t'*}) ;;
    *ID…) offered=(${${(f)"$($program $place queue list 2>/dev/null)"}%%$'\t'*}) ;;
    *FILE | *FILE…) _files ;;
  esac
fi

options=(${(M)${=text}:#--*})
options=(${options%%=*})
compadd -a offered
[[ $PREFIX == -* ]] && compadd -a options
