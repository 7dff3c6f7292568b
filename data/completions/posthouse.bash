# bash completion for posthouse(1) and posthoused(8): what there is to offer, the program says itself.

_posthouse()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]/#\~/$HOME}
    local i rows row options offered=() place=() words=()

    case $previous in
        --config | -c | --import-clever | --export-authority) compopt -o default; return ;;
        --data | -d) compopt -o dirnames; return ;;
    esac

    # The words of the command so far, and where its Posthouse is.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --config | -c | --data | -d) place+=("${COMP_WORDS[i]}" "${COMP_WORDS[++i]}") ;;
            -*) ;;
            *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done

    # "  WORDS ARGUMENTS   SUMMARY", of one command or several that begin so.
    rows=$("$program" help 2>/dev/null | sed -n 's/^  //p')
    for ((i = ${#words[@]} > 2 ? 2 : ${#words[@]}; i > 0; i--)); do
        row=$(grep "^${words[*]:0:i} " <<<"$rows") && break
    done

    if ((i == 0)); then
        offered=($(cut -d' ' -f1 <<<"$rows" | uniq))
        options=$("$program" --help 2>/dev/null)
    elif [[ $row == *$'\n'* ]]; then
        offered=($(cut -d' ' -f2 <<<"$row"))
    else
        options=$("$program" "${words[@]:0:i}" --help 2>/dev/null)
        case ${row%%  *} in
            'account add'*) ;;
            # Files where it is no account.
            *'ADDRESS FILE'*) compopt -o default && offered=($("$program" "${place[@]}" account list 2>/dev/null | cut -f1)) ;;
            *ADDRESS* | *RECIPIENT…) offered=($("$program" "${place[@]}" account list 2>/dev/null | cut -f1)) ;;
            *SERVICE) offered=($("$program" "${place[@]}" status 2>/dev/null | cut -f1)) ;;
            *ID…) offered=($("$program" "${place[@]}" queue list 2>/dev/null | cut -f1)) ;;
            *FILE | *FILE…) compopt -o default ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "${offered[*]} $(grep -oE -- '--[a-z-]+' <<<"$options")" -- "$current")
}

complete -F _posthouse posthouse posthoused
