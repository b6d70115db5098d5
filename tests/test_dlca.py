"""test_dlca.py - ./dlca simulate and inspect as a user runs them, and files that are damaged or hostile.

Leaves alone: the trainers and bad commands (test_cli.py), every byte of the formats (the loaders' own tests).
"""

import json
import re
import sys
import xml.etree.ElementTree

import pytest

from programs import DLCA, PROGRAMS, ROOT, assert_refused, everything_in, run

# ---- simulate ----


def test_simulate_repeats_the_rollout_of_the_run(finished, tmp_path):
    folder, _ = finished
    result = run(DLCA, "simulate", folder / "model.safetensors", "--frames", "--out", "run", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for frame in (folder / "frames").iterdir():
        assert frame.read_bytes() == (tmp_path / "run" / "frames" / frame.name).read_bytes()


def test_simulate_gives_the_same_from_model_and_circuit(finished, tmp_path):
    folder, _ = finished
    outputs = []
    for number, name in enumerate(["model.safetensors", "circuit.json"]):
        result = run(
            DLCA, "simulate", folder / name, "--width", 21, "--height", 13, "--steps", 30, "--seed", 9, "--periodic",
            "--async", "--fire-rate", 0.5, "--damage", "2,3,4,5@7", "--damage=0,0,1,1", "--gif", f"{number}.gif",
            "--save-state", f"{number}.png", "--frame-every", 3, cwd=tmp_path,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        assert "21x13 cells, periodic, asynchronous with fire rate 0.5, seed 9" in result.stdout
        assert "step 7, damaged" in result.stdout and "step 15, damaged" in result.stdout
        assert "step 30, the last" in result.stdout
        outputs.append([(tmp_path / f"{number}.{ending}").read_bytes() for ending in ["gif", "png"]])
    assert outputs[0] == outputs[1]
    png = outputs[0][1]
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (21, 13)


def test_simulate_counts_wrong_cells_where_there_is_a_target(finished, tmp_path):
    folder, _ = finished
    for name in ["model.safetensors", "circuit.json"]:
        result = run(DLCA, "simulate", folder / name, cwd=tmp_path)
        assert re.search(r"step \d+, the last: \d+ of 64 cells wrong", result.stdout), result.stdout
    assert everything_in(tmp_path) == []


BAD_SIMULATIONS = [
    (["--width", "0"], "--width"),
    (["--height", "70000"], "--height"),
    (["--steps", "0"], "--steps"),
    (["--steps", "x"], "--steps"),
    (["--seed", "-1"], "--seed"),
    (["--fire-rate", "0"], "--fire-rate"),
    (["--fire-rate", "1.5"], "--fire-rate"),
    (["--fire-rate", "nan"], "--fire-rate"),
    (["--damage", "1,2,3"], "--damage"),
    (["--damage", "1,2,3,0"], "--damage"),
    (["--damage", "1,2,3,4@"], "--damage"),
    (["--damage", "1,2,3,4@5x"], "--damage"),
    (["--damage", "-1,2,3,4"], "--damage"),
    (["--damage", "99,0,3,4"], "--damage"),
    (["--damage", "0,0,3,4@99999"], "--damage"),
    (["--damage", "0,0,3,99999999999"], "--damage"),
    (["--gif", "absent/file.gif"], "--gif"),
    (["--gif", "."], "--gif"),
    (["--gif", "a.gif", "--steps", "1000000"], "--gif"),
    (["--save-state", "absent/file.png"], "--save-state"),
    (["--frame-every", "0", "--frames"], "--frame-every"),
    (["--out", "/proc/run", "--frames"], "--out"),
    (["--perodic"], "did you mean --periodic?"),
]


@pytest.mark.parametrize("options, name", BAD_SIMULATIONS, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_simulations_are_refused(options, name, finished, tmp_path):
    folder, _ = finished
    assert_refused(run(DLCA, "simulate", folder / "model.safetensors", *options, cwd=tmp_path), tmp_path, name)


# ---- damaged and hostile files (the loader's own tests go through every byte) ----


def damaged_files(model, circuit):
    """Name and content of files that must be refused."""
    yield "empty", b""
    for size in [1, 7, 8, 9, 100, len(model) // 2, len(model) - 1]:
        yield f"model cut at {size}", model[:size]
    yield "model with a byte more", model + b"\0"
    for place in [0, 5, 8, 20, len(model) // 3, len(model) // 2, len(model) - 1]:
        yield f"model with byte {place} changed", model[:place] + bytes([model[place] ^ 4]) + model[place + 1 :]
    yield "a header of 2^63 bytes", (2**63).to_bytes(8, "little") + model[8:]
    yield "a hostile shape", b'\x60\0\0\0\0\0\0\0{"a":{"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,0]}}'.ljust(104)
    yield "noise", bytes(range(256)) * 4
    for size in [1, 10, len(circuit) // 2, len(circuit) - 3]:
        yield f"circuit cut at {size}", circuit[:size]
    yield "circuit of another version", re.sub(rb'("version": *)\d+', rb"\g<1>999", circuit)
    yield "circuit with text behind", circuit + b"x"


def test_damaged_files_are_refused(finished, tmp_path):
    folder, _ = finished
    model, circuit = (folder / "model.safetensors").read_bytes(), (folder / "circuit.json").read_bytes()
    for name, content in damaged_files(model, circuit):
        (tmp_path / "damaged").write_bytes(content)
        for command in ["inspect", "simulate"]:
            result = run(DLCA, command, "damaged", cwd=tmp_path)
            assert result.returncode == 2, f"{name}: {result.stdout}{result.stderr}"
            assert_refused(result, tmp_path, "damaged", before=["damaged"])


def test_a_folder_or_a_device_is_no_model(tmp_path):
    for path in ["/", "/dev/zero"]:
        assert_refused(run(DLCA, "inspect", path, cwd=tmp_path), tmp_path, path)


def test_inspect(finished, tmp_path):
    folder, _ = finished
    summary = json.loads((folder / "summary.json").read_text())
    for name in ["model.safetensors", "circuit.json"]:
        result = run(DLCA, "inspect", folder / name, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert "checked and sound" in result.stdout and "task: checkerboard, seed 1" in result.stdout
        assert f"gates: {summary['gates_total']} in the model, {summary['gates_active']} active" in result.stdout
    assert everything_in(tmp_path) == []


# ---- bench ----


@pytest.mark.skipif(PROGRAMS.parent.name == "tsan", reason="takes minutes under the thread sanitizer")
def test_bench_sets_threads_beside_trainings_that_share_nothing(tmp_path):
    result = run(DLCA, "bench", "--quick", "--json", "--rounds", "1", "--threads", "2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    passes = json.loads(result.stdout)["passes"]
    assert {record["task"] for record in passes} >= {"checkerboard", "lizard", "lizard, shared", "colors", "life"}
    for record in passes:
        assert 0.0 < record["fraction_of_peak"][1] and record["stolen"] >= 0.0
        assert ("speed_up" in record) == (record["threads"] > 1)
        if record["threads"] > 1:  # one round: its quartiles are its median
            assert len(set(record["speed_up"])) == 1 and 0.0 < record["speed_up"][1] and record["idle"][1] < 1.0
            assert 0.0 < record["speed_up_side_by_side"][1]
    (tmp_path / "bench.json").write_text(result.stdout)
    plot = run(sys.executable, ROOT / "tools" / "bench_plot.py", "bench.json", cwd=tmp_path)
    assert plot.returncode == 0, plot.stderr
    root = xml.etree.ElementTree.fromstring(plot.stdout)
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(word == "checkerboard, batch 2" for word in words) >= 2  # in both panels


# ---- bench kernels ----


def test_bench_kernels_lists_the_parts_of_an_epoch(tmp_path):
    result = run(DLCA, "bench", "kernels", "--rounds", "1", "--task", "checkerboard", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    epochs = result.stdout.count(": an epoch of ")
    assert epochs >= 1
    for part in ("perceive, forward", "perceive, inner", "perceive, backward", "update, backward 264 to 256 (1 layer)"):
        assert result.stdout.count(f"| {part} |") == epochs, result.stdout


def test_bench_kernels_knows_the_tasks(tmp_path):
    result = run(DLCA, "bench", "kernels", "--task", "nothing", cwd=tmp_path)
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert "no task nothing" in result.stderr and "checkerboard" in result.stderr
