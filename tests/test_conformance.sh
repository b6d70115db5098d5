#!/bin/sh
# test_conformance.sh - build/conformance on every file of tests/golden, for every backend of this machine
# and for the source of the CUDA kernels run on the processor; and that it
# fails when one gradient value of a file is changed by 1 %. Uses DLCA_BUILD and DLCA_PROGRAMS (tests/run.sh sets them).
set -u
cd "$(dirname "$0")/.." || exit 1
conformance=${DLCA_BUILD:-build}/conformance
dlca=${DLCA_PROGRAMS:-.}/dlca
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM
failed=0

for backend in $("$dlca" backends | sed -n 's/^\([a-z0-9]*\) *usable.*/\1/p') emulated; do
    if "$conformance" --backend "$backend" tests/golden/*.safetensors >"$scratch/out" 2>&1; then
        echo "  $backend: $(tail -n 1 "$scratch/out")"
    else
        grep -v ' ok$' "$scratch/out"
        echo "  $backend: conformance failed"
        failed=1
    fi
done
[ -s "$scratch/out" ] || { echo "  no backend was tried"; failed=1; }

# Changes the largest value of a gradient tensor; the file's layout is 8 bytes of length, JSON, data.
cat >"$scratch/change.py" <<'PYTHON'
import json, struct, sys
source, target, factor = sys.argv[1], sys.argv[2], float(sys.argv[3])
data = bytearray(open(source, "rb").read())
length = struct.unpack_from("<Q", data)[0]
header = json.loads(data[8:8 + length])
name = next(n for n in sorted(header) if n.startswith("grad."))
first, last = header[name]["data_offsets"]
kind, size = ("<d", 8) if header[name]["dtype"] == "F64" else ("<f", 4)
places = range(8 + length + first, 8 + length + last, size)
place = max(places, key=lambda at: abs(struct.unpack_from(kind, data, at)[0]))
struct.pack_into(kind, data, place, struct.unpack_from(kind, data, place)[0] * factor)
open(target, "wb").write(data)
PYTHON

if command -v python3 >/dev/null 2>&1; then
    golden=tests/golden/small_border_mid.safetensors
    for factor in 1.0 1.01; do
        python3 "$scratch/change.py" "$golden" "$scratch/changed.safetensors" "$factor" || failed=1
        "$conformance" "$scratch/changed.safetensors" >"$scratch/out" 2>&1
        code=$?
        expected=$([ "$factor" = 1.01 ] && echo 1 || echo 0)
        if [ "$code" -ne "$expected" ]; then
            echo "  one gradient value times $factor: exit code $code, expected $expected"
            failed=1
        fi
    done
else
    echo "  a changed gradient: skipped, no python3 here"
fi
exit "$failed"
