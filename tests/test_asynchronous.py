"""test_asynchronous.py - a small asynchronous checkerboard ends exact and holding, with any number of threads."""

import json

from programs import CHECKERBOARD, run

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
