"""soak.py [SECONDS [SEED]] - a long run undisturbed beside the same run killed again and again, for SECONDS (660).

Both train the small checkerboard with repairs and restarts through the same number of epochs: as many as two of them
together come through in the time, by a try of a twentieth of it. The other is killed with SIGKILL every few seconds and
gone on with, by another number of threads and another backend. Memory and open files of the undisturbed one are read from
/proc every second while it trains: after the first tenth they must not grow. At the end the two must be the same. Where they were faster
than the try, another pair with another seed takes what is left of the time. Prints the figures; exits with 1 when
something was not as it must be. `make soak` runs it.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from interrupted import KILLED, differences, finish, kill_after, temporaries, usable_backends
from programs import CHECKERBOARD

OPTIONS = ["--small", "--all-epochs", "--quiet", "--restart-after", "100", "--repair", "400"]
GROWTH_ALLOWED = 1 << 20  # bytes: what the allocator keeps for itself


def command(out, epochs, seed=1):
    options = ["--epochs", str(epochs), "--save-every", "20", "--threads", "1", "--seed", str(seed), "--out", str(out)]
    return [CHECKERBOARD, *OPTIONS, *options]


def epochs_per_second(scratch, seconds):
    """While two runs work, as later. They are interrupted, not ended: what a run does after its last epoch takes as long
    for a few epochs as for many."""
    both = []
    for i in range(2):
        words = [word for word in command(scratch / f"pace{i}", 10**9) if word != "--quiet"]
        both.append(subprocess.Popen(words + ["--log-interval", str(10**9)], stdout=subprocess.PIPE, text=True))
    time.sleep(seconds)
    for process in both:
        process.send_signal(signal.SIGINT)
    said = [process.communicate()[0] for process in both]
    if any(process.returncode != 128 + signal.SIGINT for process in both):
        raise SystemExit("the first runs failed")
    return min(int(text.split("interrupted: the state after epoch ")[1].split()[0]) for text in said) / seconds


def memory_and_files(process):
    """Resident bytes and open files; None when the process has ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
        return resident, len(os.listdir(f"/proc/{process.pid}/fd"))
    except (OSError, IndexError):
        return None


def disturb(folder, first, end, draw, backends):
    """Kills until `end`, then lets the run end, that `first` begins. Returns kills and what went wrong."""
    kills, step = 0, first
    while time.monotonic() < end:
        code, errors = kill_after(step, draw.uniform(0.2, 8))
        if code != KILLED:
            return kills, [] if code == 0 else [f"exit code {code}: {errors.strip()}"]
        kills += 1
        if folder.exists():
            step = [CHECKERBOARD, "--resume", str(folder), "--quiet", "--threads", str(draw.randint(1, 2))]
            step += ["--backend", draw.choice(backends)]
        if folder.exists() and not (folder / "checkpoint.safetensors").exists():
            step += first[1:-2]  # it has kept nothing yet, its options neither
    result = finish(step)
    return kills, [] if result.returncode == 0 else [f"exit code {result.returncode}: {result.stderr.strip()}"]


def watch(process, folder, samples):
    """Until training ends: the report of a run reads its whole log, two megabytes for 200000 epochs."""
    while process.poll() is None:
        sample = memory_and_files(process)
        if sample and not (folder / "model.safetensors").exists():
            samples.append(sample)
        time.sleep(1)
    return process.returncode


def growth(samples):
    """Of memory in bytes, and of open files, from the second tenth of the time to its last. A file that is just being
    written is open for a moment: the fewest count."""
    tenth = max(1, len(samples) // 10)
    early, late = samples[tenth : 2 * tenth] or samples, samples[-tenth:]
    return max(s[0] for s in late) - max(s[0] for s in early), min(s[1] for s in late) - min(s[1] for s in early)


def soak_pair(name, epochs, seed, end, draw, backends, scratch):
    """One undisturbed run and one disturbed until `end`; prints their figures. Returns what went wrong."""
    start, samples = time.monotonic(), []
    one, other = scratch / f"undisturbed{seed}", scratch / f"disturbed{seed}"
    undisturbed = subprocess.Popen(command(one, epochs, seed))
    watcher = threading.Thread(target=watch, args=(undisturbed, one, samples))
    watcher.start()
    kills, failures = disturb(other, command(other, epochs, seed), end, draw, backends)
    watcher.join()
    if undisturbed.returncode != 0:
        failures.append(f"the undisturbed run: exit code {undisturbed.returncode}")
    if not failures:
        failures = [f"differs: {different}" for different in differences(other, one)]
        failures += [f"left behind: {path}" for path in temporaries(other)]
    memory, files = growth(samples) if len(samples) >= 3 else (0, 0)
    if memory > GROWTH_ALLOWED or files > 0:
        failures.append("memory or open files grew")
    print(
        f"{name}: {time.monotonic() - start:.0f} s, {epochs} epochs, {kills} kills and resumes; the undisturbed process: "
        f"memory {samples[-1][0] if samples else 0} bytes, grown by {memory}, open files "
        f"{samples[-1][1] if samples else 0}, grown by {files}, over {len(samples)} looks; failures: {len(failures)}",
        flush=True,
    )
    return failures


def soak(seconds, seed, scratch):
    draw, backends = random.Random(seed), [name for name in usable_backends() if name != "scalar"] or ["scalar"]
    start, pairs, failures = time.monotonic(), 0, []
    pace = epochs_per_second(scratch, max(5, 0.05 * seconds))
    left = seconds - (time.monotonic() - start)
    while left > 0.05 * seconds and not failures:
        pairs += 1
        epochs, began = max(300, int(pace * left)), time.monotonic()
        failures = soak_pair(f"pair {pairs}", epochs, pairs, start + seconds, draw, backends, scratch)
        pace = epochs / (time.monotonic() - began)
        left = seconds - (time.monotonic() - start)
    print(f"soak: {time.monotonic() - start:.0f} s, {pairs} pairs of runs, failures: {len(failures)}")
    return failures


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 660
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as scratch:
        failures = soak(seconds, seed, Path(scratch))
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
