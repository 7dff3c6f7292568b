# fish completion for posthouse(1) and posthoused(8): what there is to offer, the program says itself.

# The words of the command so far, or with --place the options that say where its Posthouse is.
function __posthouse_words
    set -l tokens (commandline -opc)
    set -l words
    set -l place
    set -l i 2
    while test $i -le (count $tokens)
        switch $tokens[$i]
            case --config -c --data -d
                set place $place $tokens[$i] $tokens[(math $i + 1)]
                set i (math $i + 1)
            case '-*'
            case '*'
                set words $words $tokens[$i]
        end
        set i (math $i + 1)
    end
    test "$argv[1]" = --place; and string join \n -- $place; or string join \n -- $words
end

# Each with a tab and what it means.
function __posthouse_options
    string match -rg -- '^  (?:-\w, )?(--[a-z-]+)(?:=\S+)?\s+(.*)' $argv | paste - -
end

function __posthouse_offer
    set -l program (commandline -opc)[1]
    set -l place (__posthouse_words --place)
    set -l words (__posthouse_words)
    set -l rows ($program help 2>/dev/null | string match -rg '^  (.*)')
    set -l n (math min 2, (count $words))
    set -l found

    # "  WORDS ARGUMENTS   SUMMARY", of one command or several that begin so.
    while test $n -gt 0
        set found (string match -r -- "^$words[1..$n] .*" $rows)
        and break
        set n (math $n - 1)
    end

    if test $n -eq 0
        string replace -r ' .*' '' -- $rows | uniq
        __posthouse_options ($program --help 2>/dev/null)
    else if test (count $found) -gt 1
        string replace -r '^\S+ (\S+).*?  +(.*)' '$1\t$2' -- $found
    else
        __posthouse_options ($program $words[1..$n] --help 2>/dev/null)
        switch (string replace -r '  .*' '' -- $found)
            case 'account add*'
            case '*ADDRESS*' '*RECIPIENT…'
                $program $place account list 2>/dev/null | string replace -r '\t.*' ''
            case '*SERVICE'
                $program $place status 2>/dev/null | string replace -r '\t.*' ''
            case '*ID…'
                $program $place queue list 2>/dev/null | string replace -r '\t.*' ''
            case '*FILE' '*FILE…'
                __fish_complete_path (commandline -ct)
        end
    end
end

for program in posthouse posthoused
    complete -c $program -f -a '(__posthouse_offer)'
    complete -c $program -s c -l config -r -F
    complete -c $program -s d -l data -x -a '(__fish_complete_directories)'
    complete -c $program -n 'not __posthouse_words | string length -q' -l import-clever -r -F
    complete -c $program -n 'not __posthouse_words | string length -q' -l export-authority -r -F
end
