#!/bin/sh
# cuda_compile.sh [CAPABILITY...] - compiles the CUDA kernels for the given compute capabilities (default: all that nvcc
# knows from 75 on) and as PTX for newer devices, without a warning, and checks what each kernel takes: registers that a
# block of 256 threads has room for, none spilled, and no more memory of its own than the host leaves it.
#
# NVCC names the compiler. Needs no device. Exit code 1: one does not compile or takes too much; 0 with a line where
# there is no nvcc. Leaves alone: the build (make), running (make cuda-check).
set -u
cd "$(dirname "$0")/.." || exit 1
nvcc=${NVCC:-$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null)}
if [ -z "$nvcc" ]; then
    echo "cuda_compile.sh: skipped, there is no nvcc here"
    exit 0
fi
# shellcheck disable=SC2046  # a list of numbers, one word each
[ $# -gt 0 ] || set -- $("$nvcc" --list-gpu-arch | sed -n 's/^compute_//p' | awk '$1 >= 75')
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
failed=0
threads=256           # MOST_THREADS of gpu/shape.c
registers_of_block=65536
own_memory=1024       # STATIC_SHARED of gpu/device_cuda.cu

for source in gpu/*.cu; do
    name=$(basename "$source" .cu)
    for capability in "$@"; do
        log=$scratch/$name.$capability
        if ! "$nvcc" -O3 -std=c++17 --fmad=false -Werror all-warnings -Xptxas -v \
            -gencode "arch=compute_$capability,code=[sm_$capability,compute_$capability]" \
            -c "$source" -o "$scratch/object.o" >"$log" 2>&1; then
            cat "$log"
            echo "$name for $capability: does not compile"
            failed=1
            continue
        fi
        awk -v name="$name" -v capability="$capability" -v threads=$threads -v all=$registers_of_block \
            -v own=$own_memory '
            /warning/ { print; bad = 1 }
            /Compiling entry function/ { split($0, part, "\047"); kernel = part[2] }
            /spill stores/ { spilled = $0; sub(/^.*frame, /, "", spilled); sub(/ bytes spill stores.*/, "", spilled) }
            /Used [0-9]+ registers/ {
                registers = $0; sub(/^.*Used /, "", registers); sub(/ registers.*/, "", registers)
                shared = 0
                if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART, RLENGTH) + 0
                rounded = int((registers + 7) / 8) * 8
                fits = rounded * threads <= all && spilled + 0 == 0 && shared <= own
                printf "  %-16s %4s: %3d registers, %d bytes spilled, %4d bytes of shared memory%s\n", kernel, \
                    capability, registers, spilled, shared, fits ? "" : "  TOO MUCH"
                if (!fits) bad = 1
            }
            END { exit bad }' "$log" || failed=1
    done
done
[ "$failed" -eq 0 ] && echo "cuda_compile.sh: $# capabilities, no warning, everything fits"
exit "$failed"
