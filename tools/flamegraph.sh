#!/bin/sh
# flamegraph.sh OUTPUT.svg PROGRAM [OPTION...] - records a run with perf and draws where its time went.
#
# Uses the processor's cycle counter, and the system's clock where that is not permitted (as in most virtual machines),
# and says which. Call chains follow frame pointers, which every build keeps. flamegraph.pl and stackcollapse-perf.pl draw
# when they are installed, tools/flamegraph.py otherwise. Leaves alone: building.
set -u
output=$1
shift
cd "$(dirname "$0")/.." || exit 1

if ! command -v perf >/dev/null 2>&1; then
    echo "flamegraph: perf is missing (package linux-perf, on Ubuntu linux-tools-generic)" >&2
    exit 1
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM

event=cycles
clock="the processor's cycle counter"
if ! perf record -q -e cycles -o "$scratch/probe" true >/dev/null 2>&1 ||
    ! perf script -i "$scratch/probe" 2>/dev/null | grep -q cycles; then
    event=cpu-clock
    clock="the system's clock (the cycle counter is not permitted here)"
fi
echo "flamegraph: $* sampled 999 times a second by $clock"

perf record -q -e "$event" -F 999 --call-graph fp -o "$scratch/data" -- "$@" --out "$scratch/run" >"$scratch/log" 2>&1 || {
    cat "$scratch/log" >&2
    echo "flamegraph: the run or its recording failed (see kernel.perf_event_paranoid)" >&2
    exit 1
}
perf script -i "$scratch/data" -F comm,ip,sym,dso 2>/dev/null >"$scratch/stacks"
mkdir -p "$(dirname "$output")"
if command -v flamegraph.pl >/dev/null 2>&1 && command -v stackcollapse-perf.pl >/dev/null 2>&1; then
    stackcollapse-perf.pl "$scratch/stacks" | flamegraph.pl --title "$*" >"$output"
else
    python3 tools/flamegraph.py "$*" <"$scratch/stacks" >"$output"
fi || exit 1
echo "flamegraph: $output; click a box to look into it"
echo "the functions with most of the time, each without what it calls:"
perf report -i "$scratch/data" --no-children --stdio -g none 2>/dev/null | grep -v '^#' | grep -v '^$' | head -n 12
