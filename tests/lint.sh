#!/bin/bash
# lint.sh: what a compiler does not see. TAP, one test each.
set -uo pipefail
cd "$(dirname "$0")/.."
number=0

# report NAME OUTPUT: passes where OUTPUT is empty.
report() {
  number=$((number + 1))
  if [ -z "$2" ]; then
    echo "ok $number $1"
  else
    echo "not ok $number $1"
    sed 's/^/# /' <<<"$2"
  fi
}

sources=$(git ls-files '*.c' '*.h')

report 'clang-format' "$(clang-format-14 --dry-run $sources 2>&1 | grep -E '^[^ ].*warning' | cut -d: -f1 | sort | uniq -c)"
report 'files of at most 600 lines' "$(wc -l $(git ls-files 'src/*.c' 'src/*.h') | awk '$2 != "total" && $1 > 600')"
report 'V15: nothing starts a program' "$(grep -nE '\b(system|popen|execv|execl|execve|g_spawn_[a-z_]+|g_subprocess_new[a-z]*) *\(' $(git ls-files 'src/*.c'))"
report 'V23: no SQL out of strings' "$(grep -nE '(g_strdup_printf|g_string_append_printf|sqlite3_mprintf|snprintf) *\(.*"(SELECT|INSERT|UPDATE|DELETE|CREATE) ' $(git ls-files 'src/*.c'))"
report 'no path of a machine' "$(git grep -nE '/(home|root|work|usr/local)/[a-z]' -- . ':!tests/lint.sh' ':!po' ':!src/server/ph-trust.c')"
report 'po/POTFILES.in has the files with words, and no other' "$(diff <(git ls-files -co --exclude-standard src ui data | xargs grep -lE '\b(_|N_|C_|NC_|ngettext) \("|translatable="yes"|^ *<summary>|^Keywords=' | grep -E '\.(c|h|ui|in|xml)$' | LC_ALL=C sort) <(grep -v '^#' po/POTFILES.in | LC_ALL=C sort))"
report 'T28: every sync has its test' "$(python3 tests/end-to-end/syncs.py 2>&1)"
report 'shell scripts parse' "$(for script in build-aux/run build-aux/check build-aux/install-packages .ci/run tests/*.sh; do bash -n "$script" 2>&1; done)"

echo "1..$number"
