"""test_sweep.py - ./dlca sweep: what it refuses, that it trains as the trainers do, goes on, and varies options.

Leaves alone: whether training succeeds.
"""

import csv
import json

import pytest

from programs import CHECKERBOARD, DLCA, assert_refused, run

SHORT = ["--small", "--epochs", "10", "--repair", "0"]


def rows_of(folder):
    lines = [line for line in (folder / "sweep.csv").read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "arguments, name",
    [
        ([], "an argument is missing; usage: dlca sweep TASK"),
        (["chess"], "chess"),
        (["checkerboard", "--seeds", "9..3"], "--seeds: '9..3' is reversed"),
        (["checkerboard", "--seeds", "one"], "--seeds: 'one' is not a range of seeds; accepted: A..B"),
        (["checkerboard", "--seeds", "1..x"], "--seeds"),
        (["checkerboard", "--vary", "rat=0.1,0.2"], "--rat"),
        (["checkerboard", "--vary", "rate"], "--vary: 'rate' names no values"),
        (["checkerboard", "--vary", "rate=0.1,,0.2"], "--vary"),
        (["checkerboard", "--vary", "rate=0.1,fast"], "--rate: 'fast'"),
        (["checkerboard", "--vary", "gates=softmax16,iwp"], "--gates: gates 'iwp'"),
        (["checkerboard", "--vary", "help=1"], "--help"),
        (["checkerboard", "--jobs", "0"], "--jobs"),
        (["life", "--async"], "async"),
    ],
)
def test_bad_input_is_refused(arguments, name, tmp_path):
    assert_refused(run(DLCA, "sweep", *arguments, cwd=tmp_path), tmp_path, name)


def test_a_sweep_trains_as_the_trainer_does(tmp_path):
    options = [*SHORT, "--jobs", "2"]
    swept = run(DLCA, "sweep", "checkerboard", "--seeds", "3..4", *options, "--out", "s", cwd=tmp_path)
    assert swept.returncode == 0, swept.stderr
    rows = rows_of(tmp_path / "s")
    assert [row["seed"] for row in rows] == ["3", "4"]
    for row in rows:
        assert run(CHECKERBOARD, *SHORT, "--seed", row["seed"], "--out", row["seed"], cwd=tmp_path).returncode == 0
        summary = json.loads((tmp_path / row["seed"] / "summary.json").read_text())
        assert float(row["hard_accuracy"]) == pytest.approx(summary["hard_accuracy"], abs=1e-6)
        assert int(row["epochs_run"]) == summary["epochs_run"] == 10


def test_the_circuits_of_exact_runs_are_kept(tmp_path):
    options = ["--small", "--epochs", "300", "--vary", "rate=0.1,0"]
    result = run(DLCA, "sweep", "checkerboard", "--seeds", "3", *options, "--out", "s", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [row["hard_exact"] for row in rows_of(tmp_path / "s")] == ["1", "0"]
    assert [path.name for path in (tmp_path / "s" / "circuits").iterdir()] == ["1_3.json"]
    shown = run(DLCA, "inspect", "s/circuits/1_3.json", cwd=tmp_path)
    assert shown.returncode == 0 and "seed 3" in shown.stdout


def test_options_vary_and_texts_too(tmp_path):
    vary = ["--vary", "gates=softmax16,light", "--vary", "backend=auto,scalar"]
    result = run(DLCA, "sweep", "checkerboard", "--seeds", "1", *SHORT, *vary, "--out", "s", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rows = {row["setting"]: row["hard_accuracy"] for row in rows_of(tmp_path / "s")}
    assert list(rows) == [f"gates={g} backend={b}" for g in ("softmax16", "light") for b in ("auto", "scalar")]
    assert rows["gates=light backend=auto"] == rows["gates=light backend=scalar"]


def test_an_interrupted_sweep_goes_on(tmp_path):
    command = [DLCA, "sweep", "checkerboard", "--seeds", "1..3", *SHORT, "--out", "s"]
    assert run(*command, cwd=tmp_path).returncode == 0
    table = tmp_path / "s" / "sweep.csv"
    whole = table.read_text().splitlines()
    table.write_text("\n".join(whole[:-1]) + "\n")
    result = run(*command, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    again = table.read_text().splitlines()
    assert again[:-1] == whole[:-1] and result.stdout.count(" epochs, ") == 1
    other = run(*command, "--rate", "0.2", cwd=tmp_path)
    assert other.returncode == 2 and "sweep.csv" in other.stderr
    assert table.read_text().splitlines() == again
