"""programs.py - what the tests of the programs share: where they are, running one, seeing that it refused.

Reads DLCA_PROGRAMS (the folder with the programs, default: the repository's root). Every program runs in a folder of its
own, so that "nothing was written" can be seen. Leaves alone: what is tested.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve()
TRAINERS = sorted(path.stem for path in (ROOT / "train").glob("train_*.c"))
DLCA = str(PROGRAMS / "dlca")
CHECKERBOARD = str(PROGRAMS / "train_checkerboard")
SHORT = ["--small", "--epochs", "20"]
RUN_FILES = ["checkpoint.safetensors", "circuit.json", "frames", "log.csv", "model.safetensors", "report.html", "rollout.gif"]
RUN_FILES += ["summary.json"]
SUMMARY_FIELDS = """task variant seed epochs epochs_run exact_epoch soft_loss hard_loss hard_accuracy hard_exact hold_steps
    proven_exact proven_hold restarts seconds_total seconds_train seconds_repair ms_per_epoch gate_evals_per_second
    gates_total gates_active gates_patched cells_mended finished_by_clock gates_optimized cells steps batch channels threads backend peak_rss_bytes version""".split()


def run(*command, cwd, **more):
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=1200, **more)


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def assert_refused(result, folder, name, code=2, before=()):
    """One line on stderr that names what is wrong, the exit code, and nothing written."""
    assert result.returncode == code, result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.endswith("\n"), result.stderr
    assert name in result.stderr
    assert result.stdout == ""
    assert everything_in(folder) == sorted(before)
