#!/bin/sh
# valgrind.sh BUILD - runs the tests and the programs of a build under valgrind's memcheck: reads of memory that was never
# written or is gone, leaks. BUILD/tests has the runner tests/tsan/plain_runner.c.
#
# valgrind slows down a hundredfold. So that it ends within about an hour of a processor's time,
#   - tests that do the same many times do it a few times (DLCA_TESTS_SHORT, tests/rounds.h);
#   - threads take fair turns: valgrind runs one at a time, and one that waits for another would keep its turn for as long
#     as it likes (twentyfold and more; the reason why this once took forever);
#   - only what measures the process's own memory is left out, which here is valgrind's, and what compares the processor
#     with the one that the system lists: valgrind's knows fewer instructions.
# Circuits are compiled into memory that is mapped twice, to be written at one address and run at another: valgrind has
# to look at the code itself to see that it changed (--smc-check=all).
# The programs run once for each command instead of by pytest, whose hundreds of runs would take hours. "Possibly lost"
# memory is left alone: the OpenMP run time keeps its threads. JIT and other compilers are children, not followed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive DLCA_TESTS_SHORT=yes TEST_JOBS="${TEST_JOBS:-$(nproc)}"
check="valgrind -q --fair-sched=yes --smc-check=all --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
    --errors-for-leak-kinds=definite"
left_out="-checkpoints/a_large_grid -processor/instruction_sets_need_each_of_their_features"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'kill "$tests"; exit 1' INT TERM
failed=0

# program NAME WORDS...: ends well, and with nothing to say
program() {
    # shellcheck disable=SC2086
    if $check "$build/bin/$@" >"$scratch/said" 2>&1; then
        echo "valgrind: $*: clean"
    else
        echo "valgrind: $*: FAILED"
        cat "$scratch/said"
        failed=1
    fi
}

# shellcheck disable=SC2086
$check "$build/tests" $left_out >"$scratch/tests" 2>&1 &
tests=$!
small="--small --epochs 2 --eval-interval 1 --quiet --threads 2"
# shellcheck disable=SC2086
{
    program train_checkerboard $small --out "$scratch/run" --frames
    program train_checkerboard --resume "$scratch/run" --epochs 4 --quiet --threads 1
    program train_checkerboard $small --async --hold 1 --steps-min 3 --steps-max 5 --damage 0.5 --gates light \
        --repair 0 --out "$scratch/async"
    program train_checkerboard $small --gates gumbel --repair 0 --out "$scratch/gumbel"
    program train_checkerboard $small --gates straight-through --repair 0 --out "$scratch/straight"
    program train_life $small --repair 0 --out "$scratch/life"
    program train_lizard $small --repair 0 --out "$scratch/lizard"
    program train_colors $small --repair 0 --out "$scratch/colors"
    program train_image --target data/mushroom.png --size 4 --epochs 1 --steps 2 --repair 0 --quiet --out "$scratch/image"
}
program dlca inspect "$scratch/run/model.safetensors"
program dlca inspect --verify "$scratch/run/checkpoint.safetensors"
program dlca circuit "$scratch/run/model.safetensors" --quiet -o "$scratch/a.c" -o "$scratch/a.v" -o "$scratch/a.blif" \
    -o "$scratch/a.aig" -o "$scratch/a.aag" -o "$scratch/a.svg" -o "$scratch/a.dot" -o "$scratch/a.yosys.json" \
    -o "$scratch/a.json" -o "$scratch/a.md"
program dlca circuit "$scratch/a.blif" --original "$scratch/run/circuit.json" --prove --quiet -o "$scratch/b.json"
program dlca circuit "$scratch/a.aig" --original "$scratch/run/circuit.json" --quiet -o "$scratch/c.json"
program dlca simulate "$scratch/run/circuit.json" --steps 8 --width 100 --height 50 --quiet --gif "$scratch/a.gif" \
    --save-state "$scratch/a.state" --statistics "$scratch/a.csv"
program dlca simulate "$scratch/run/circuit.json" --state "$scratch/a.state" --steps 3 --quiet --threads 2 \
    --damage 1,1,4,4:flip --save-state "$scratch/a.png"
program dlca simulate tests/golden/learned_life.json --pattern data/gosper_glider_gun.rle --at 4,4 --width 60 --height 40 \
    --no-periodic --steps 5 --quiet --frames --out "$scratch/frames"
program dlca prove tests/golden/learned_life.json
program dlca evaluate "$scratch/run/circuit.json" --starts 64 --report "$scratch/a.html"
program dlca sweep checkerboard --seeds 1..2 --small --epochs 1 --repair 0 --out "$scratch/swept"
program dlca backends
wait "$tests" || failed=1
cat "$scratch/tests"
[ "$failed" -eq 0 ] && echo "valgrind: clean"
exit "$failed"
