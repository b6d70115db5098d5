"""test_simulate.py - `dlca simulate` as a user runs it: starts, patterns, damage, views, statistics, states, Ctrl-C, --jit.

The rule is the learned Life of tests/golden. Leaves alone: the cells themselves (test_planes.c, test_learned_life.c).
"""

import csv
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve()
LIFE = ROOT / "tests" / "golden" / "learned_life.json"
GUN = ROOT / "data" / "gosper_glider_gun.rle"


def simulate(*options, cwd, rule=LIFE, **more):
    command = [PROGRAMS / "dlca", "simulate", rule, *options]
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=1200, **more)


def done(*options, cwd, **more):
    result = simulate(*options, cwd=cwd, **more)
    assert result.returncode == 0, result.stderr
    return result


def size_of_png(path):
    data = path.read_bytes()
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_a_gun_grows_by_gliders(tmp_path):
    done("--width", 101, "--height", 77, "--no-periodic", "--pattern", GUN, "--at", "3,4", "--steps", 240,
         "--statistics", "s.csv", cwd=tmp_path)  # fmt: skip
    with open(tmp_path / "s.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(241))
    assert int(rows[0]["live"]) == 36 and rows[0]["changed"] == "" and int(rows[1]["changed"]) > 0
    live = [int(row["live"]) for row in rows[::30]]
    assert all(later - earlier == 5 for earlier, later in zip(live[1:5], live[2:6])), live


def test_a_saved_state_goes_on_where_it_stopped(tmp_path):
    size = ["--width", 71, "--height", 130, "--seed", 4, "--async", "--fire-rate", 0.7]
    done(*size, "--start", "random", "--density", 0.3, "--steps", 30, "--save-state", "all.png", cwd=tmp_path)
    done(*size, "--density", 0.3, "--steps", 12, "--save-state", "half.state", cwd=tmp_path)
    done(*size[4:], "--state", "half.state", "--steps", 18, "--save-state", "rest.png", cwd=tmp_path)
    assert (tmp_path / "all.png").read_bytes() == (tmp_path / "rest.png").read_bytes()


def test_the_cells_do_not_depend_on_the_way(tmp_path):
    pictures = set()
    for number, way in enumerate([[], ["--jit"], ["--backend", "scalar"], ["--threads", 2], ["--threads", 1, "--jit"]]):
        done("--width", 1030, "--height", 515, "--density", 0.4, "--steps", 25, *way, "--save-state", f"{number}.png",
             cwd=tmp_path)  # fmt: skip
        pictures.add((tmp_path / f"{number}.png").read_bytes())
    assert len(pictures) == 1


def test_without_a_compiler_the_built_in_engine_serves(tmp_path):
    result = done("--jit", "--steps", 2, cwd=tmp_path, env={**os.environ, "PATH": str(tmp_path)})
    assert result.stderr == "dlca simulate: --jit: no C compiler (cc, gcc, clang) was found; the built-in engine serves\n"


def test_a_view_is_what_pictures_show(tmp_path):
    done("--width", 300, "--height", 200, "--density", 0.5, "--steps", 2, "--view", "10,20,50,30", "--scale", 4, "--frames",
         "--out", "run", cwd=tmp_path)  # fmt: skip
    assert size_of_png(tmp_path / "run" / "frames" / "step_000.png") == (200, 120)


def test_a_picture_is_a_start(tmp_path):
    done("--width", 50, "--height", 40, "--density", 0.3, "--steps", 1, "--save-state", "one.png", cwd=tmp_path)
    done("--width", 50, "--height", 40, "--pattern", "one.png", "--steps", 1, "--save-state", "two.png", cwd=tmp_path)
    done("--width", 50, "--height", 40, "--density", 0.3, "--steps", 2, "--save-state", "both.png", cwd=tmp_path)
    assert (tmp_path / "two.png").read_bytes() == (tmp_path / "both.png").read_bytes()


def test_stuck_cells_stay(tmp_path):
    done("--width", 40, "--height", 40, "--start", "zeros", "--steps", 20, "--damage", "10,12,3,2@5:stuck1", "--damage",
         "0,0,1,1@2:flip", "--statistics", "s.csv", cwd=tmp_path)  # fmt: skip
    with open(tmp_path / "s.csv", newline="") as file:
        live = [int(row["live"]) for row in csv.DictReader(file)]
    assert live[:5] == [0, 0, 1, 0, 0] and all(count >= 6 for count in live[5:])


@pytest.mark.parametrize("start, ones", [("zeros", 0), ("cell", 1)])
def test_plain_starts(start, ones, tmp_path):
    result = done("--width", 9, "--height", 9, "--start", start, "--steps", 1, cwd=tmp_path)
    assert f"step 0: {ones} of 81 scored bits are 1" in result.stdout


def test_ctrl_c_writes_a_state_and_says_where(tmp_path):
    process = subprocess.Popen(
        [PROGRAMS / "dlca", "simulate", LIFE, "--width", "2000", "--height", "2000", "--density", "0.5", "--steps", "1000000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline().startswith("rule: ")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 130, errors
    path = "results/simulate/001/state.safetensors"
    assert errors.splitlines()[-1].endswith(f"go on with --state {path}")
    assert "2000x2000 cells" in done("--state", path, "--steps", 1, cwd=tmp_path).stdout


def test_progress_after_two_seconds(tmp_path):
    process = subprocess.Popen(
        [PROGRAMS / "dlca", "simulate", LIFE, "--width", "3000", "--height", "3000", "--steps", "1000000"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        assert line.startswith("step ") and "Gcell/s" in line and line.endswith(" left\n")
    finally:
        process.kill()
        process.wait()


CUT = "x = 3, y = 3, rule = B3/S23\nbo$2bo$3o"
BAD = [
    (["--pattern", "cut.rle"], "it is cut"),
    (["--pattern", "count.rle"], "a bad count"),
    (["--pattern", "rule.rle"], "another rule"),
    (["--pattern", "gun.rle"], "does not fit"),
    (["--pattern", "gun.rle", "--width", "50", "--height", "40", "--at", "20,0"], "does not fit"),
    (["--pattern", "absent.rle"], "absent.rle"),
    (["--at", "1,1"], "--pattern"),
    (["--pattern", "gun.rle", "--at", "1"], "--at"),
    (["--width", "0"], "--width"),
    (["--height", "65537"], "--height"),
    (["--start", "ones"], "--start"),
    (["--start", "zeros", "--density", "0.5"], "--density"),
    (["--density", "1.5"], "--density"),
    (["--state", "cut.rle"], "cut.rle"),
    (["--state", "cut.rle", "--start", "zeros"], "--state"),
    (["--view", "0,0,4,3"], "--view"),
    (["--view", "0,0,0,3"], "--view"),
    (["--scale", "0"], "--scale"),
    (["--damage", "3,0,1,1"], "--damage"),
    (["--damage", "0,0,1,1:melt"], "--damage"),
    (["--backend", "quantum"], "--backend"),
    (["--threads", "0"], "--threads"),
    (["--statistics", "absent/s.csv"], "--statistics"),
    (["--width", "40000", "--height", "40000", "--save-state", "large.png"], "too large"),
    (["--width", "9000", "--height", "9000", "--frames", "--steps", "1000000"], "--yes"),
]


@pytest.mark.parametrize("options, words", BAD, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_input_is_one_line_and_writes_nothing(options, words, tmp_path):
    (tmp_path / "cut.rle").write_text(CUT)
    (tmp_path / "count.rle").write_text(CUT.replace("3o", "0o!"))
    (tmp_path / "rule.rle").write_text(CUT.replace("B3/S23", "B36/S23"))
    (tmp_path / "gun.rle").write_bytes(GUN.read_bytes())
    before = sorted(tmp_path.iterdir())
    result = simulate(*options, cwd=tmp_path)
    assert result.returncode == 2 and result.stdout == "", result.stderr
    assert result.stderr.count("\n") == 1 and words in result.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(PROGRAMS.parent.name in ("asan", "tsan"), reason="sanitizers reserve more memory than the limit")
def test_a_grid_beyond_memory_says_how_much_it_takes(tmp_path):
    limit = 512 << 20
    result = simulate("--width", 65536, "--height", 65536, cwd=tmp_path,
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))  # fmt: skip
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert "cells are too many" in result.stderr and f"and {limit} are free" in result.stderr


@pytest.mark.skipif(PROGRAMS.parent.name == "tsan", reason="times say nothing under the thread sanitizer, and take minutes")
def test_bench_measures_rules_beside_life_by_hand(tmp_path):
    command = [PROGRAMS / "dlca", "bench", "simulate", "--quick", "--rounds", "1", "--rule", LIFE, "--csv", "b.csv"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200)
    assert result.returncode == 0, result.stderr
    with open(tmp_path / "b.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["engine"] for row in rows} >= {"by hand", "interpreter"}
    assert all(float(row["cells_per_second"]) > 0 for row in rows)
