"""test_device.py - training as it is on a device, through the programs: --backend emulated runs the CUDA kernels' own source
on the processor, and everything around it (batches, losses, checkpoints, sweeps) is what it is with --backend cuda.

Whatever is asked for, the files are those of the processor's backends. Leaves alone: the kernels one by one (test_gpu.c,
test_gpu_epochs.c), what only a device can show (make cuda-check).
"""

import csv
import itertools

import pytest

from interrupted import differences
from programs import DLCA, PROGRAMS, assert_refused, run

EMULATED = ["--backend", "emulated"]
RUNS = {
    "restarts and repairs": ["train_checkerboard", "--epochs", "30", "--restart-after", "12", "--repair", "200"],
    "asynchronous": ["train_checkerboard", "--async", "--epochs", "6"],
    "drawn target": ["train_life", "--epochs", "80"],
    "one start": ["train_lizard", "--epochs", "8"],
    "three bits": ["train_colors", "--epochs", "8"],
    "the paper's": ["train_checkerboard", "--paper", "--epochs", "20"],
    "light": ["train_life", "--gates", "light", "--epochs", "30"],
    "gumbel": ["train_life", "--gates", "gumbel", "--epochs", "30"],
    "straight-through": ["train_checkerboard", "--gates", "straight-through", "--epochs", "12"],
    "hold and steps": ["train_colors", "--hold", "2", "--hold-weight", "2", "--steps-min", "3", "--steps-max", "5"]
    + ["--epochs", "8"],
    "damage": ["train_checkerboard", "--damage", "0.5", "--epochs", "15"],
    "damage, one start": ["train_lizard", "--damage", "0.5", "--epochs", "10"],
    "damage, asynchronous": ["train_checkerboard", "--async", "--damage", "0.5", "--epochs", "6", "--steps", "5"],
    "many grids": ["train_life", "--batch", "130", "--epochs", "6"],
    "hardening, decay, rate": ["train_checkerboard", "--harden-first", "0.3", "--harden-last", "0.6", "--decay", "0.1"]
    + ["--rate", "0.2", "--harden-ramp", "5", "--epochs", "30"],
    "kept states": ["train_checkerboard", "--checkpoint-every", "3", "--epochs", "6"],
    "a patient recipe": ["train_colors", "--restart-after", "10", "--epochs", "24", "--eval-interval", "7"],
}


def train(words, out, *more, cwd):
    program, *options = words
    command = [PROGRAMS / program, "--small", "--quiet", *options, "--out", out, *more]
    result = run(*command, cwd=cwd)
    assert result.returncode == 0 and result.stderr == "", result.stderr


@pytest.mark.parametrize("name", RUNS)
def test_a_device_gives_the_same_files(name, tmp_path):
    train(RUNS[name], "device", *EMULATED, "--log-interval", 11, cwd=tmp_path)
    train(RUNS[name], "processor", cwd=tmp_path)
    assert differences(tmp_path / "device", tmp_path / "processor") == []


@pytest.mark.parametrize("name", ["restarts and repairs", "drawn target", "a patient recipe"])
def test_a_run_goes_on_elsewhere(name, tmp_path):
    words = list(RUNS[name])
    at = words.index("--epochs") + 1
    last = int(words[at])
    train(words, "whole", cwd=tmp_path)
    words[at] = str(last // 4)
    train(words, "pieces", cwd=tmp_path)
    for stop, backend in zip([last // 2, 3 * last // 4 + 1, last], itertools.cycle(["emulated", "auto"])):
        command = [PROGRAMS / words[0], "--quiet", "--resume", "pieces", "--epochs", stop, "--backend", backend]
        assert run(*command, cwd=tmp_path).returncode == 0
    assert differences(tmp_path / "pieces", tmp_path / "whole") == []


def test_numbers_that_run_away_are_found_in_the_same_epoch(tmp_path):
    runaway = ["--small", "--paper", "--rate", 10, "--decay", 1, "--epochs", 60, "--save-every", 1, "--eval-interval", 50]
    results = []
    for backend in ("emulated", "auto"):
        command = [PROGRAMS / "train_checkerboard", *runaway, "--quiet", "--backend", backend, "--out", backend]
        results.append(run(*command, cwd=tmp_path))
    assert [result.returncode for result in results] == [1, 1]
    assert "is no finite number" in results[0].stderr and results[0].stderr == results[1].stderr


# ---- side by side ----


def rows_of(folder):
    lines = [line for line in (folder / "sweep.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    return [{name: value for name, value in row.items() if not name.startswith("seconds_")} for row in rows]


def circuits_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "circuits").iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        ["life", "--seeds", "1..5", "--epochs", "40"],
        ["checkerboard", "--seeds", "2..4", "--epochs", "30", "--restart-after", "12", "--repair", "200"],
        ["life", "--seeds", "1..2", "--epochs", "12", "--vary", "batch=3,20"],
    ],
)
def test_seeds_share_a_device(options, tmp_path):
    for name, more in {"device": EMULATED, "processor": [], "one": [*EMULATED, "--jobs", "1"]}.items():
        result = run(DLCA, "sweep", *options, "--small", "--out", name, *more, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    for name in ("device", "one"):
        assert rows_of(tmp_path / name) == rows_of(tmp_path / "processor")
        assert circuits_of(tmp_path / name) == circuits_of(tmp_path / "processor")


def test_a_backend_that_does_not_exist_is_refused_before_a_sweep(tmp_path):
    assert_refused(run(DLCA, "sweep", "life", "--backend", "abacus", cwd=tmp_path), tmp_path, "--backend")


def test_memory_is_planned_for_a_device(tmp_path):
    result = run(PROGRAMS / "train_life", "--small", "--dry-run", *EMULATED, cwd=tmp_path)
    assert result.returncode == 0 and "losses of the last epochs" in result.stdout, result.stderr
