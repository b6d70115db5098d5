"""interrupted.py - what the tests of interrupted runs share: small variants of the tasks, killing, going on, comparing.

Two runs are the same when the model, the circuit, the pictures, log.csv without its seconds and summary.json without
times, memory and what the computing was done with are the same. Leaves alone: when to kill.
"""

import json
import os
import re
import signal
import subprocess
import time

from programs import DLCA, PROGRAMS

# A second or two each. The checkerboards and colors repair and start again with new wires, life ends by acceptance.
VARIANTS = {
    "checkerboard": ["train_checkerboard", "--small", "--epochs", "130", "--restart-after", "65", "--repair", "400"],
    "checkerboard --async": ["train_checkerboard", "--async", "--small", "--epochs", "120", "--restart-after", "70"]
    + ["--repair", "150", "--repair-every", "10"],
    "life": ["train_life", "--small"],
    "lizard": ["train_lizard", "--small", "--epochs", "200"],
    "colors": ["train_colors", "--small", "--epochs", "400", "--restart-after", "300", "--repair", "3000"],
}
MEASURED = {"threads", "backend", "peak_rss_bytes", "ms_per_epoch", "gate_evals_per_second"}
KILLED = -signal.SIGKILL


def program(variant):
    return str(PROGRAMS / VARIANTS[variant][0])


def first_command(variant, out, *more):
    return [program(variant), *VARIANTS[variant][1:], "--out", str(out), *more]


def resume_command(variant, folder, *more):
    return [program(variant), "--resume", str(folder), *more]


def usable_backends():
    listing = subprocess.run([DLCA, "backends"], capture_output=True, text=True, timeout=600).stdout
    return re.findall(r"^(\w+) +usable", listing, re.M)


def summary_of(folder):
    fields = json.loads((folder / "summary.json").read_text())
    return {name: value for name, value in fields.items() if name not in MEASURED and not name.startswith("seconds_")}


def log_of(folder):
    return [line.rsplit(",", 1)[0] for line in (folder / "log.csv").read_text().splitlines()]


def files_of(folder):
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    # the report tells times and what was asked for, the checkpoint tells times
    return {str(name) for name in names} - {"log.csv", "summary.json", "report.html", "checkpoint.safetensors"}


def differences(folder, reference):
    """Names of what differs between two finished runs; empty when they are the same."""
    found = sorted(files_of(folder) ^ files_of(reference))
    for name in sorted(files_of(folder) & files_of(reference)):
        if (folder / name).read_bytes() != (reference / name).read_bytes():
            found.append(name)
    found += ["log.csv"] if log_of(folder) != log_of(reference) else []
    found += ["summary.json"] if summary_of(folder) != summary_of(reference) else []
    return found


def temporaries(folder):
    return [path for path in folder.rglob("*.tmp-*-*")] if folder.exists() else []


def writes_checkpoint(folder):
    try:
        return any(name.startswith("checkpoint.safetensors.tmp-") for name in os.listdir(folder))
    except OSError:
        return False


def kill_after(command, seconds, folder=None):
    """Starts a program and kills it with SIGKILL after so long, or with `folder`, at the first write of a checkpoint after
    that. Returns its exit code (KILLED, or of one that was faster) and what it wrote to stderr."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(min(0.002, max(0.0, end - time.monotonic())))
    while folder and process.poll() is None and not writes_checkpoint(folder):
        pass
    process.kill()
    return process.wait(timeout=3600), process.stderr.read()


def finish(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=3600)
