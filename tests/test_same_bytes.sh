#!/bin/sh
# test_same_bytes.sh [EPOCHS [FULL_EPOCHS]] - model.safetensors has one checksum for every thread count and backend of
# this machine. EPOCHS of the small model (default 40), FULL_EPOCHS of the full one (default 1); prints the checksums.
# Uses DLCA_PROGRAMS (tests/run.sh sets it).
set -u
cd "$(dirname "$0")/.." || exit 1
programs=${DLCA_PROGRAMS:-.}
epochs=${1:-40}
full_epochs=${2:-1}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM
failed=0

backends=$("$programs/dlca" backends | sed -n 's/^\([a-z0-9]*\) *usable.*/\1/p')
widest=$(echo "$backends" | tail -n 1)

# train NAME OPTIONS...: prints the checksum of the run's model
train() {
    name=$1
    shift
    "$programs/train_checkerboard" --quiet --all-epochs --out "$scratch/$name" "$@" >"$scratch/out" 2>&1 || cat "$scratch/out" >&2
    cksum <"$scratch/$name/model.safetensors"
    rm -rf "${scratch:?}/$name"
}

# compare KIND OPTIONS...: one run for each thread count and backend
compare() {
    kind=$1
    shift
    for threads in 1 2 3; do
        echo "$widest, $threads threads: $(train "$kind-$threads" --threads "$threads" --backend "$widest" "$@")"
    done >"$scratch/$kind"
    for backend in $backends; do
        [ "$backend" = "$widest" ] && continue
        echo "$backend, 2 threads: $(train "$kind-$backend" --threads 2 --backend "$backend" "$@")"
    done >>"$scratch/$kind"
    sed "s/^/  $kind: /" "$scratch/$kind"
    if [ "$(sed 's/.*: //' "$scratch/$kind" | sort -u | wc -l)" -ne 1 ] || grep -q ': *$' "$scratch/$kind"; then
        echo "  $kind: the checksums differ"
        failed=1
    fi
}

compare small --small --epochs "$epochs"
compare full --epochs "$full_epochs"
exit "$failed"
