#!/bin/sh
# lint.sh CFLAGS AVX2_FLAGS AVX512_FLAGS - the checks of `make lint`: formatting, include direction, clang-tidy.
#
# Runs all of them and fails when one does. Leaves alone: fixing (`make format` does the formatting).
cd "$(dirname "$0")/.." || exit 1
flags=$1
avx2_flags=$2
avx512_flags=$3
failed=0

for program in clang-format clang-tidy; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "lint: $program is missing (make deps installs it)" >&2
        exit 1
    fi
done

echo "lint: formatting"
find gates src gpu train tools tests \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' \) -print0 | xargs -0 clang-format --dry-run -Werror || failed=1

echo "lint: include direction"
tools/include_direction.sh || failed=1

echo "lint: shell scripts"
for script in tools/*.sh tests/*.sh .ci/run; do
    bash -n "$script" || failed=1
done

# Not the tests: the analyzer does not know that a failed assertion ends its test.
echo "lint: clang-tidy"
# Two at a time; a file whose name carries an instruction set is read with the flags that it is compiled with.
export flags avx2_flags avx512_flags
find gates src gpu train tools -name '*.c' -print0 | xargs -0 -n 1 -P 2 sh -c '
    case $1 in
    *_avx2.c) more=$avx2_flags ;;
    *_avx512.c) more=$avx512_flags ;;
    *) more= ;;
    esac
    case $1 in
    gates/error.c) ;; # defines what the hints redefine
    *) more="$more -include tools/lint_hints.h" ;;
    esac
    clang-tidy --quiet "$1" -- $flags $more -Wno-unused-value 2>/dev/null' sh || failed=1

[ "$failed" -eq 0 ] && echo "lint: clean"
exit "$failed"
