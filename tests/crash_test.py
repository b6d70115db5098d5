"""crash_test.py [KILLS [SEED]] - kills runs with SIGKILL at random moments, goes on, and compares the final bytes.

Every variant of tests/interrupted.py is trained once undisturbed. Then runs with a checkpoint every epoch (or every few)
are killed again and again - at a random moment, or while a checkpoint is being written - and gone on with, by another
number of threads and another backend each time; after a few kills a run may end, and must be the same as the undisturbed
one. Prints the figures; exits with 1 when a run could not be gone on with or ended otherwise. `make crash-test` kills 200.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

from interrupted import KILLED, VARIANTS, differences, finish, first_command, kill_after, resume_command, temporaries
from interrupted import usable_backends


class Figures:
    def __init__(self):
        self.kills = self.before_a_checkpoint = self.in_a_write = self.resumes = self.runs = 0
        self.failures = []


def reference(variant, folder):
    """Trains undisturbed; the folder and the seconds."""
    start = time.monotonic()
    result = finish(first_command(variant, folder, "--quiet", "--frames"))
    if result.returncode != 0:
        raise SystemExit(f"{variant}: the undisturbed run failed: {result.stderr}")
    return folder, time.monotonic() - start


def how(draw, backends):
    """How this part of a run is computed: it must not matter."""
    return ["--quiet", "--threads", str(draw.randint(1, 3)), "--backend", draw.choice(backends)]


def one_run(variant, folder, seconds, kills, draw, backends, figures):
    """A run that is killed up to `kills` times and then ends; False when something failed."""
    every = draw.choice(["1", "1", "1", "7"])
    command = first_command(variant, folder, "--frames", "--save-every", every, *how(draw, backends))
    for _ in range(kills):
        aimed = folder if draw.random() < 0.4 else None
        code, errors = kill_after(command, draw.uniform(0, seconds if aimed is None else 0.6 * seconds), aimed)
        if code != KILLED:  # it was faster
            figures.runs += 1
            if code != 0:
                figures.failures.append(f"{variant}: exit code {code}: {errors.strip()}")
            return code == 0
        figures.kills += 1
        figures.in_a_write += bool(temporaries(folder))
        figures.before_a_checkpoint += not (folder / "checkpoint.safetensors").exists()
        figures.resumes += 1
        if folder.exists() and (folder / "checkpoint.safetensors").exists():
            command = resume_command(variant, folder, *how(draw, backends))
        elif folder.exists():
            # it has kept nothing yet, its options neither
            more = first_command(variant, folder, "--frames", "--save-every", every, *how(draw, backends))
            command = [word for word in more if word not in ("--out", str(folder))] + ["--resume", str(folder)]
    result = finish(command)
    figures.runs += 1
    if result.returncode != 0:
        figures.failures.append(f"{variant}: exit code {result.returncode}: {result.stderr.strip()}")
    return result.returncode == 0


def crash(kills, seed, scratch, references):
    """`references`: for each variant the folder of the undisturbed run and the seconds that it took."""
    draw, figures, backends = random.Random(seed), Figures(), usable_backends()
    names = list(references)
    number = 0
    while figures.kills < kills:
        name = names[number % len(names)]
        folder = scratch / str(number)
        number += 1
        wanted = min(draw.randint(2, 7), kills - figures.kills)
        if one_run(name, folder, references[name][1], wanted, draw, backends, figures):
            found = differences(folder, references[name][0]) + [str(path) for path in temporaries(folder)]
            if found:
                figures.failures.append(f"{name}, run {number - 1}: differs in {', '.join(found)}")
        if number % len(names) == 0:
            print(f"{figures.kills} of {kills} kills, {len(figures.failures)} failures", flush=True)
    return figures


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as scratch:
        references = {name: reference(name, Path(scratch) / f"reference {name}") for name in VARIANTS}
        figures = crash(kills, seed, Path(scratch), references)
    for failure in figures.failures:
        print(failure)
    print(
        f"crash test: {figures.kills} kills with SIGKILL over {len(VARIANTS)} variants ({figures.in_a_write} while a file "
        f"was being written, {figures.before_a_checkpoint} before the first checkpoint), {figures.resumes} resumes, "
        f"{figures.runs} runs ended, seed {seed}; failures: {len(figures.failures)}"
    )
    return 1 if figures.failures else 0


if __name__ == "__main__":
    sys.exit(main())
