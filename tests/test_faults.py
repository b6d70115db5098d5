"""test_faults.py - a sample of the fault injection (tests/faults/visit.py), a full disk, and what starts other programs.

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
                                   timeout=60, check=False)  # fmt: skip
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
