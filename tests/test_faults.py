"""test_faults.py - a sample of the fault injection (tests/faults/visit.py), clocks that jump, a full disk, and what starts
other programs.

`make faults` visits every point; here every scenario is run with about a dozen of its calls failing, and again with all
calls from there on. Leaves alone: resuming and kills.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from programs import CHECKERBOARD, DLCA, ROOT, everything_in, run

BUILD = (ROOT / os.environ.get("DLCA_BUILD", "build")).resolve()
FAULTY = BUILD / "faults"
EVERY, PERSISTENT = 97, 211


@pytest.mark.skipif(not (FAULTY / "dlca").exists(), reason="this build has no programs with faults")
def test_a_sample_of_all_calls_may_fail():
    result = subprocess.run([sys.executable, ROOT / "tests/faults/visit.py", FAULTY, "--every", str(EVERY),
                             "--persistent", str(PERSISTENT), "--jobs", "2"],
                            capture_output=True, text=True, timeout=600, check=False)  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    visited = int(re.search(r"faults: (\d+) points visited, 0 went wrong", result.stdout).group(1))
    assert visited > 100


def run_by_clocks(words, folder, **clocks):
    """A run under tests/faults/clock.c: the calls that it made, and its files but for the page, which has a date."""
    surroundings = dict(os.environ, DLCA_FAULT_LOG=str(folder / "calls"), **clocks)
    assert run(FAULTY / "train_checkerboard", *words, "--threads", "1", "--quiet", cwd=folder, env=surroundings).returncode == 0
    files = {path.name: path.read_bytes() for path in (folder / "run").iterdir() if path.is_file() and path.suffix != ".html"}
    files["summary.json"] = re.sub(rb'"peak_rss_bytes":\s*\d+', b"", files["summary.json"])
    return int((folder / "calls").read_text().split()[0]), files


@pytest.mark.skipif(not (FAULTY / "dlca").exists(), reason="this build has no programs with faults")
def test_a_clock_on_the_wall_that_jumps_changes_nothing(tmp_path):
    """Not the times told, not when a checkpoint is written; a run that goes on neither. The steady clock is set, so that
    all of that can be compared: it stands, or a minute passes with every third look at it."""
    calls, first = {}, ["--small", "--epochs", "12", "--eval-interval", "5", "--repair", "0", "--out", "run"]
    pieces = [first, ["--resume", "run", "--epochs", "30"]]
    for step in ["0", "25"]:
        found = []
        for wall in [{}, {"DLCA_WALL_JUMPS": "yes"}]:
            folder = tmp_path / f"{step}-{len(wall)}"
            folder.mkdir()
            found.append([run_by_clocks(words, folder, DLCA_STEADY_STEP=step, **wall) for words in pieces])
        assert found[0] == found[1]
        calls[step] = found[0][0][0]
    assert calls["25"] > calls["0"], "a checkpoint is written every minute of the steady clock"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own of 64 KiB, where the rights to make one are there."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no right to make a small file system")
    yield folder
    subprocess.run(["umount", folder], check=False)


def test_a_disk_that_fills_up_keeps_old_files(small_disk, tmp_path):
    """Every output that is written at the end: the old file or the new one, and no temporary file."""
    assert run(CHECKERBOARD, "--small", "--epochs", "2", "--quiet", "--out", tmp_path / "run", cwd=tmp_path).returncode == 0
    model = tmp_path / "run" / "model.safetensors"
    (small_disk / "a.gif").write_bytes(b"old")
    (small_disk / "filler").write_bytes(bytes(50000))
    result = run(DLCA, "simulate", model, "--width", "64", "--height", "64", "--start", "random", "--steps", "60",
                 "--quiet", "--gif", "a.gif", cwd=small_disk)  # fmt: skip
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "a.gif" in result.stderr
    assert "No space left on device" in result.stderr
    assert everything_in(small_disk) == ["a.gif", "filler"] and (small_disk / "a.gif").read_bytes() == b"old"
    trained = run(CHECKERBOARD, "--small", "--epochs", "2", "--quiet", "--out", "new", cwd=small_disk)
    assert trained.returncode == 1 and trained.stderr.count("\n") == 1
    left = set(everything_in(small_disk / "new")) if (small_disk / "new").exists() else set()
    assert not [name for name in left if ".tmp" in name] and "summary.json" not in left


def test_what_cannot_be_printed_fails(tmp_path):
    assert run(CHECKERBOARD, "--small", "--epochs", "2", "--quiet", "--out", "run", cwd=tmp_path).returncode == 0
    for command in [["inspect", "run/model.safetensors"], ["circuit", "run/circuit.json"], ["--help"], ["backends"]]:
        with open("/dev/full", "w", encoding="ascii") as full:
            ended = subprocess.run([DLCA, *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
                                   timeout=600, check=False)  # fmt: skip
        assert ended.returncode == 1, (command, ended.stderr)
        assert "No space left on device" in ended.stderr and ended.stderr.count("\n") == 1


@pytest.mark.skipif(BUILD.name != "build" or not shutil.which("readelf"), reason="the plain build's, with binutils")
def test_release_builds_are_hardened():
    for program in [DLCA, CHECKERBOARD]:
        said = subprocess.run(["readelf", "-hdlsW", program], capture_output=True, text=True, check=True).stdout
        assert re.search(r"Type: +DYN", said) and "GNU_RELRO" in said and re.search(r"FLAGS.*NOW", said)
        assert "__stack_chk_fail" in said and "__snprintf_chk" in said


def test_no_shell_sees_a_name():
    """Other programs are started with their words as they are; the one shell command is a constant."""
    for folder in ["gates", "src", "train", "tools"]:
        for source in sorted((ROOT / folder).glob("*.[ch]")):
            text = source.read_text()
            assert not re.search(r"\bsystem ?\(", text), source
            for call in re.findall(r"\bpopen ?\(.*", text):
                assert re.match(r'popen\("[^"]*", "r"\)', call), (source, call)
