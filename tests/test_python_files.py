"""test_python_files.py - a run's files read by other programs, from docs/formats.md alone.

A reader of model.safetensors and circuit.json is written here in plain Python, and both are evaluated as circuits
against each other; the packages safetensors and xxhash read the file too where they are installed. Reads DLCA_PROGRAMS
(the folder with the programs, default: the repository's root).
"""

import json
import os
import random
import re
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRAINER = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve() / "train_checkerboard"
FRONT = b'{"__metadata__":{"format":"dlca","checksum":"'
DTYPES = {"F64": "d", "I64": "q", "F32": "f", "I32": "i", "U8": "B"}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    command = [str(TRAINER), "--small", "--epochs", "30", "--threads", "1", "--quiet", "--out", str(folder)]
    subprocess.run(command, check=True, timeout=1200, cwd=folder.parent, capture_output=True)
    return folder


def read_safetensors(data):
    """(metadata, {name: (dtype, shape, flat tuple)}), with the container's rules checked."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length].decode())
    metadata = header.pop("__metadata__")
    body = data[8 + length :]
    assert (8 + length) % 8 == 0
    tensors, at = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        code = DTYPES[entry["dtype"]]
        count = 1
        for side in entry["shape"]:
            count *= side
        assert begin == at and begin % struct.calcsize(code) == 0
        tensors[name] = (entry["dtype"], entry["shape"], struct.unpack(f"<{count}{code}", body[begin:end]))
        at = end
    assert at == len(body)
    return metadata, tensors


@pytest.fixture(scope="module")
def model(run_folder):
    return read_safetensors((run_folder / "model.safetensors").read_bytes())


@pytest.fixture(scope="module")
def circuit(run_folder):
    return json.loads((run_folder / "circuit.json").read_text())


def sizes(metadata, key):
    return [int(part) for part in metadata[key].split(",")]


def test_metadata_and_shapes_are_as_specified(model):
    metadata, tensors = model
    assert (metadata["format"], metadata["version"], metadata["task"]) == ("dlca", "1", "checkerboard")
    kernels, channels = int(metadata["kernels"]), int(metadata["channels"])
    for layer, gates in enumerate(sizes(metadata, "perceive")):
        assert tensors[f"perceive.{layer}.logits"][:2] == ("F32", [kernels, gates, 16])
        assert tensors[f"perceive.{layer}.wires"][:2] == ("I32", [2, gates])
    for layer, gates in enumerate(sizes(metadata, "update")):
        assert tensors[f"update.{layer}.logits"][:2] == ("F32", [gates, 16])
        assert tensors[f"update.{layer}.wires"][:2] == ("I32", [2, gates])
    assert sizes(metadata, "update")[-1] == channels
    assert int(metadata["epoch"]) == 30


def test_the_front_is_fixed_and_the_checksum_right(run_folder):
    data = (run_folder / "model.safetensors").read_bytes()
    assert data[8:53] == FRONT and re.fullmatch(b"[0-9a-f]{32}", data[53:85])
    xxhash = pytest.importorskip("xxhash", reason="the Python package xxhash is not installed")
    (length,) = struct.unpack("<Q", data[:8])
    assert xxhash.xxh3_128_hexdigest(data[85:], seed=length) == data[53:85].decode()


def test_the_safetensors_package_opens_the_model(run_folder, model):
    pytest.importorskip("numpy", reason="the Python package numpy is not installed")
    package = pytest.importorskip("safetensors", reason="the Python package safetensors is not installed")
    metadata, tensors = model
    with package.safe_open(str(run_folder / "model.safetensors"), framework="numpy") as opened:
        assert opened.metadata() == metadata
        assert set(opened.keys()) == set(tensors)
        for name, (_, shape, values) in tensors.items():
            array = opened.get_tensor(name)
            assert list(array.shape) == shape and tuple(array.reshape(-1).tolist()) == values


# ---- both files as circuits ----


def evaluate(operation, a, b):
    return operation >> (3 - 2 * a - b) & 1


def operations(tensors, layer):
    """The operations kept, [kernel * gates + gate]; the largest logit, the first among equals, where there are none."""
    if f"{layer}.ops" in tensors:
        return tensors[f"{layer}.ops"][2]
    logits = tensors[f"{layer}.logits"][2]
    rows = [logits[i : i + 16] for i in range(0, len(logits), 16)]
    return [row.index(max(row)) for row in rows]


def apply_layer(tensors, layer, kernel, values):
    wires = tensors[f"{layer}.wires"][2]
    gates = len(wires) // 2
    kept = operations(tensors, layer)
    return [evaluate(kept[kernel * gates + g], values[wires[g]], values[wires[gates + g]]) for g in range(gates)]


def new_state_by_model(metadata, tensors, patch):
    """patch [neighbour][channel] to the cell's new state, as section 1.4 says."""
    channels, kernels = int(metadata["channels"]), int(metadata["kernels"])
    values = list(patch[4])
    for channel in range(channels):
        seen = []
        for kernel in range(kernels):
            rows = [patch[n][channel] for n in range(9)]
            for layer in range(len(sizes(metadata, "perceive"))):
                rows = apply_layer(tensors, f"perceive.{layer}", kernel, rows)
            seen.append(rows)
        values += [seen[kernel][output] for output in range(len(seen[0])) for kernel in range(kernels)]
    for layer in range(len(sizes(metadata, "update"))):
        values = apply_layer(tensors, f"update.{layer}", 0, values)
    return values


def new_state_by_circuit(circuit, patch):
    nodes = [bit for neighbour in patch for bit in neighbour]
    for operation, a, b in circuit["gates"]:
        nodes.append(evaluate(operation, nodes[a], nodes[b]))
    return [nodes[output] for output in circuit["outputs"]]


def test_the_circuit_is_the_models_rule(model, circuit):
    metadata, tensors = model
    draw = random.Random(1)
    assert circuit["inputs"] == 9 * circuit["channels"] and circuit["channels"] == int(metadata["channels"])
    for _ in range(200):
        patch = [[draw.getrandbits(1) for _ in range(circuit["channels"])] for _ in range(9)]
        assert new_state_by_circuit(circuit, patch) == new_state_by_model(metadata, tensors, patch)


def test_the_circuits_facts_are_the_models(run_folder, model, circuit):
    metadata, tensors = model
    summary = json.loads((run_folder / "summary.json").read_text())
    assert (circuit["format"], circuit["version"]) == ("dlca-circuit", 1)
    for key in ["seed", "height", "width", "channels", "scored_channels", "steps"]:
        assert circuit[key] == int(metadata[key])
    layers = [name[: -len(".logits")] for name in tensors if name.endswith(".logits") and not name.startswith("adam.")]
    kept = [operation for layer in layers for operation in operations(tensors, layer)]
    assert circuit["gates_total"] == summary["gates_total"] == len(kept)
    assert circuit["gates_active"] == summary["gates_active"] == sum(operation not in (3, 5) for operation in kept)
