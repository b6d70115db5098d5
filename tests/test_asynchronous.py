"""test_asynchronous.py - a small asynchronous checkerboard ends exact and holding, with any number of threads, and right
on any size where that is asked for."""

import json

from programs import CHECKERBOARD, DLCA, run

OPTIONS = ["--async", "--small", "--seed", "3", "--epochs", "200"]


def test_it_is_learned_the_same_with_any_number_of_threads(tmp_path):
    circuits = []
    for threads in ("1", "3"):
        ended = run(CHECKERBOARD, *OPTIONS, "--threads", threads, "--out", threads, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        summary = json.loads((tmp_path / threads / "summary.json").read_text())
        assert summary["variant"] == "async" and summary["hard_exact"] and summary["hold_steps"] == 4 * summary["steps"]
        circuits.append((tmp_path / threads / "circuit.json").read_bytes())
    assert circuits[0] == circuits[1]


def grids_right(tmp_path, options, folder):
    """Whether the circuit that these options lead to is right on each of the larger grids, up to phase."""
    ended = run(CHECKERBOARD, "--async", "--small", "--seed", "5", *options, "--out", folder, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    table = run(DLCA, "evaluate", f"{folder}/circuit.json", "--starts", "64", cwd=tmp_path).stdout
    rows = [line for line in table.splitlines() if line.startswith("| grid")]
    assert len(rows) >= 3, table
    return ["64/64" in row for row in rows]


def test_any_size_is_right_on_any_size(tmp_path):
    assert not all(grids_right(tmp_path, [], "not_asked"))
    assert all(grids_right(tmp_path, ["--any-size", "1", "--threads", "1"], "one"))
    assert all(grids_right(tmp_path, ["--any-size", "1", "--threads", "2"], "two"))
    assert (tmp_path / "one/circuit.json").read_bytes() == (tmp_path / "two/circuit.json").read_bytes()
