"""test_prove.py - `dlca prove` and `dlca circuit --shrink` as a user runs them.

Reads DLCA_PROGRAMS. Leaves alone: the proofs themselves (test_proof.c, test_minimize.c).
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DLCA = str((ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve() / "dlca")
CHECKERBOARD = ROOT / "tests" / "golden" / "checkerboard_circuit.json"
LIFE = ROOT / "tests" / "golden" / "learned_life.json"


def run(*words, cwd):
    return subprocess.run([DLCA, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=1200)


@pytest.fixture
def broken(tmp_path):
    """The checkerboard with the first gate's operation inverted."""
    circuit = json.loads(CHECKERBOARD.read_text())
    names = {"AND": "NAND", "NAND": "AND", "XOR": "XNOR", "XNOR": "XOR", "OR": "NOR", "NOR": "OR",
             "A_AND_NOT_B": "NOT_A_OR_B", "NOT_A_OR_B": "A_AND_NOT_B", "NOT_A_AND_B": "A_OR_NOT_B",
             "A_OR_NOT_B": "NOT_A_AND_B"}  # fmt: skip
    op = circuit["gates"][0][0]
    circuit["gates"][0][0] = names[op] if isinstance(op, str) else 15 - op
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(circuit))
    return path


def test_a_trained_checkerboard_is_proven_for_all_starts_and_for_ever(tmp_path):
    result = run("prove", CHECKERBOARD, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "right for all 2^2048 starts after 20 steps" in result.stdout
    assert "hold: proven: right for ever" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_life_is_proven_over_all_neighbourhoods(tmp_path):
    result = run("prove", LIFE, cwd=tmp_path)
    assert "right for all 512 starts" in result.stdout and "hold: proven" in result.stdout


def test_a_broken_rule_is_refuted_by_a_start_that_replays(tmp_path, broken):
    result = run("prove", broken, "--counterexample", "start.png", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "exact: refuted" in result.stdout
    wrong, step = re.search(r"replayed: (\d+) of 256 cells wrong after (\d+) steps", result.stdout).groups()
    assert int(wrong) > 0
    assert (tmp_path / "start.png").read_bytes().startswith(b"\x89PNG")
    again = run("simulate", broken, "--state", "start.state", "--steps", step, "--save-state", "end.png", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert re.search(rf"\b{wrong}\b", again.stdout), again.stdout


def test_no_time_is_not_decided(tmp_path):
    result = run("prove", CHECKERBOARD, "--seconds", "0.000001", cwd=tmp_path)
    assert result.returncode == 0
    assert "exact: not decided" in result.stdout and "hold: not decided" in result.stdout
    assert "proven" not in result.stdout


def test_too_large_a_proof_is_refused_in_one_line(tmp_path):
    result = run("prove", CHECKERBOARD, "--width", "4096", "--height", "4096", cwd=tmp_path)
    assert result.returncode == 2 and result.stderr.count("\n") == 1


def test_shrinking_keeps_what_was_trained_for(tmp_path):
    result = run("circuit", CHECKERBOARD, "--shrink", "-o", "small.json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert int(re.search(r"shrunk: \d+ to (\d+) gates", result.stdout)[1]) <= 3
    assert "right for all 2^2048 starts" in run("prove", "small.json", cwd=tmp_path).stdout


def test_what_cannot_be_shrunk_is_refused(tmp_path):
    result = run("circuit", LIFE, "--shrink", "-o", "small.json", cwd=tmp_path)
    assert result.returncode == 2 and "--shrink" in result.stderr
    assert list(tmp_path.iterdir()) == []
