#!/bin/sh
# run.sh BUILD PROGRAMS - runs every test of one build and closes with the line `N passed, N failed, N skipped`.
#
# BUILD is the folder with the Criterion binary `tests` and `conformance`; PROGRAMS the folder with ./dlca and ./train_*.
# The Python tests read both from the environment (DLCA_BUILD, DLCA_PROGRAMS). Leaves alone: building.
set -u
cd "$(dirname "$0")/.." || exit 1
DLCA_BUILD=$1
DLCA_PROGRAMS=$2
export DLCA_BUILD DLCA_PROGRAMS

# Two or three threads are what the tests ask for themselves; a machine with many cores must not change their time.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
export OMP_WAIT_POLICY=passive
# The OpenMP run time itself is not built for the sanitizer: leave it out, the Archer tool reports what it synchronises.
export TSAN_OPTIONS="${TSAN_OPTIONS:-ignore_noninstrumented_modules=1 halt_on_error=1}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

passed=0
failed=0
skipped=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM

# number NAME FILE: the N of the last `NAME: N` in FILE, 0 when there is none
number() {
    value=$(sed -n "s/.*$1: *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1)
    echo "${value:-0}"
}

# count WORD FILE: the N of `N WORD` in the closing line of pytest
count() {
    value=$(grep -E '(passed|failed|skipped|error).* in [0-9.]+' "$2" | tail -n 1 | sed -n "s/.*[^0-9]\([0-9][0-9]*\) $1.*/\1/p")
    echo "${value:-0}"
}

run_criterion() {
    criterion_options="--color=never -j2"
    launcher=
    if [ "$(basename "$DLCA_BUILD")" = tsan ]; then
        criterion_options= # its runner is tests/tsan/plain_runner.c
        export TEST_JOBS="${TEST_JOBS:-2}"
        # The sanitizer of older compilers cannot place its tables when addresses are randomised widely.
        setarch -R true 2>/dev/null && launcher="setarch -R"
    fi
    [ -x "$DLCA_BUILD/tests" ] || return 0
    $launcher "$DLCA_BUILD/tests" $criterion_options >"$scratch/criterion" 2>&1
    code=$?
    cat "$scratch/criterion"
    bad=$(($(number Failing "$scratch/criterion") + $(number Crashing "$scratch/criterion")))
    [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    passed=$((passed + $(number Passing "$scratch/criterion")))
    failed=$((failed + bad))
}

run_pytest() {
    ls tests/test_*.py >/dev/null 2>&1 || return 0
    for python in .venv/bin/python /usr/bin/python3 python3; do
        "$python" -c 'import pytest' >/dev/null 2>&1 && break
        python=
    done
    if [ -z "$python" ]; then
        echo "tests/*.py skipped: no Python with pytest here (make deps installs it)"
        skipped=$((skipped + 1))
        return 0
    fi
    "$python" -m pytest -q -rs -p no:cacheprovider tests >"$scratch/pytest" 2>&1
    code=$?
    cat "$scratch/pytest"
    sed -i 's/^/ /' "$scratch/pytest" # so that the first number too has something before it
    bad=$(($(count failed "$scratch/pytest") + $(count error "$scratch/pytest")))
    [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    passed=$((passed + $(count passed "$scratch/pytest")))
    failed=$((failed + bad))
    skipped=$((skipped + $(count skipped "$scratch/pytest")))
}

run_shell() {
    for script in tests/test_*.sh; do
        [ -f "$script" ] || continue
        if sh "$script"; then
            echo "$script: ok"
            passed=$((passed + 1))
        else
            echo "$script: FAILED"
            failed=$((failed + 1))
        fi
    done
}

run_criterion
run_pytest
run_shell
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
