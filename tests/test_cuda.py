"""test_cuda.py - what can be checked of `dlca bench cuda` and `make cuda-check` on a machine without a device.

Leaves alone: the kernels' bytes (test_gpu.c, test_conformance.sh), refusals (test_cli.py).
"""

import json
import os
import shutil

import pytest

from programs import DLCA, PROGRAMS, everything_in, run

HAS_DEVICE = "cuda     usable" in run(DLCA, "backends", cwd=os.path.dirname(__file__)).stdout
NEEDS_NONE = pytest.mark.skipif(HAS_DEVICE, reason="this machine has a CUDA device: make cuda-check says more")


def tool(name):
    return os.path.join(os.path.dirname(__file__), "..", "tools", name)


def test_the_benchmark_compares_and_records(tmp_path):
    words = ["bench", "cuda", "--emulated", "--task", "life", "--rounds", 1, "--side-by-side", 2]
    result = run(DLCA, *words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    assert {"device", "driver", "runtime", "commit", "command", "cpu", "version"} <= set(record)
    (life,) = record["tasks"]
    assert life["task"] == "life" and life["same_bytes"] is True and life["fma_fraction"] is None
    assert all(value > 0 for value in life["cuda_ms_per_epoch"] + life["cpu_ms_per_epoch"])
    assert record["side_by_side"]["models"] == 2


@NEEDS_NONE
def test_the_benchmark_says_that_there_is_no_device(tmp_path):
    result = run(DLCA, "bench", "cuda", cwd=tmp_path)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("dlca bench cuda: backend cuda: ") and result.stderr.count("\n") == 1


@NEEDS_NONE
def test_cuda_check_says_that_there_is_no_device(tmp_path):
    result = run("sh", tool("cuda_check.sh"), "build", PROGRAMS, tmp_path / "record.json", cwd=tmp_path)
    assert result.returncode == 1
    assert "cuda     not here: " in result.stdout and "nothing was checked" in result.stdout
    assert everything_in(tmp_path) == []


@pytest.mark.skipif(PROGRAMS.parent.name in ("asan", "tsan"), reason="minutes under a sanitizer")
def test_cuda_check_leaves_a_report_and_a_record(tmp_path):
    """On the processor, with little to do: that the script itself works."""
    build = os.environ.get("DLCA_BUILD", "build")
    result = run("sh", tool("cuda_check.sh"), build, PROGRAMS, tmp_path / "out" / "check.json", "emulated", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert everything_in(tmp_path) == ["out", "out/check.json", "out/check.txt"]
    report = (tmp_path / "out" / "check.txt").read_text()
    assert report.startswith("no device: ") and report.endswith("cuda-check: passed\n")
    parts = ["conformance", "checkerboard twice", "lizard twice", "gates gumbel twice", "side by side", "benchmark"]
    assert all(f"  {part}: ok; " in report for part in parts), report
    assert json.loads((tmp_path / "out" / "check.json").read_text())["device"] == "none: emulated"


def test_cuda_check_fails_when_a_part_does(tmp_path):
    """No program is where it looks for them."""
    for name in ("dlca", "conformance"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    result = run("sh", tool("cuda_check.sh"), tmp_path, tmp_path, tmp_path / "out" / "check.json", "emulated", cwd=tmp_path)
    assert result.returncode == 1 and "conformance: FAILED" in result.stdout and "benchmark: FAILED" in result.stdout
    assert (tmp_path / "out" / "check.txt").read_text().endswith("cuda-check: FAILED\n")
    assert not (tmp_path / "out" / "check.json").exists()


def test_the_compile_check_is_skipped_where_there_is_no_nvcc(tmp_path):
    for name in ("sh", "dirname", "ls"):
        (tmp_path / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(tmp_path)}
    result = run("sh", tool("cuda_compile.sh"), cwd=tmp_path, env=environment)
    if os.path.exists("/usr/local/cuda/bin/nvcc"):
        pytest.skip("nvcc lies where it is looked for last")
    assert result.returncode == 0 and "skipped, there is no nvcc here" in result.stdout
