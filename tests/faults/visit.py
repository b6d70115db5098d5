#!/usr/bin/env python3
"""visit.py - makes each call that can fail, fail, one by one, in runs of every command, and judges what is left.

    visit.py FOLDER [--every K] [--jobs J] [--persistent K] [SCENARIO...]

FOLDER has the programs built with tests/faults/faults.c. A run counts the calls; then, for every K-th number n (1: all),
a fresh run has its n-th call fail. --persistent K: at every K-th number all calls from there on fail as well, as on a
full disk. Each run must end with

  - exit code 1 and one line on stderr that says what is wrong, or exit code 0 and all files as without the fault;
  - no signal, no leak (leak sanitizer), no more than LONGEST seconds (a run takes a tenth of one; a busy machine may stop it for a minute);
  - every file whole: as it was before or as a run without faults writes it (log.csv: whole lines of it), and no other.

Prints the points visited for each scenario and, for each one that went wrong, how to see it again. Exit code 1 then.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OLD = b"what was here before\n"
LEAKED, WRONG_MEMORY = 97, 98
LONGEST = 300
NUMBER = re.compile(rb"[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")
# What holds times: compared without its numbers.
PRINTED = "what it printed"
VOLATILE = ("summary.json", "log.csv", "sweep.csv", PRINTED)
# What may be made in another way, or with less in it, when something optional fails: only its end is looked at.
ENDS = {"report.html": b"</html>\n", "a.svg": b"</svg>\n"}

Scenario = collections.namedtuple("Scenario", "name words olds needs")


def scenario(name, words, olds=(), needs=()):
    return Scenario(name, words.split(), olds, needs)


MODEL, CIRCUIT = "model.safetensors", "circuit.json"
EXPORTS = ("a.c", "a.v", "a.blif", "a.aag", "a.aig", "a.dot", "a.svg", "a.yosys.json", "a.json", "a.md")
TRAIN = "train_checkerboard --small --epochs 2 --eval-interval 1 --steps 3 --quiet --threads "
SCENARIOS = [
    scenario("train", TRAIN + "1 --out run --frames --save-every 1"),
    scenario("train-numbered", TRAIN + "1 --repair 0"),
    scenario("train-threads", TRAIN + "2 --out run --repair 0"),
    scenario("train-picture", "train_image --target mushroom.png --size 4 --epochs 1 --steps 2 --batch 1 --repair 0"
             " --threads 1 --quiet --out run", needs=("mushroom.png",)),
    # ends with a cell that is put right, and a picture that stays, by a clock
    scenario("train-finish", "train_image --target mushroom.png --size 4 --start seed --steps 4 --colors 2 --batch 1"
             " --repair 10 --repair-every 100 --eval-interval 100 --epochs 100 --threads 1 --quiet --out run",
             needs=("mushroom.png",)),
    scenario("simulate-picture", f"dlca simulate {CIRCUIT} --steps 1 --quiet --threads 1 --width 40 --height 40"
             " --pattern mushroom.png --save-state a.state", ("a.state",), (CIRCUIT, "mushroom.png")),
    scenario("prove", f"dlca prove {CIRCUIT}", needs=(CIRCUIT,)),
    scenario("resume", "train_checkerboard --resume begun --epochs 4 --quiet --threads 1", needs=("begun",)),
    scenario("inspect", f"dlca inspect {MODEL}", needs=(MODEL,)),
    scenario("evaluate", f"dlca evaluate {CIRCUIT} --starts 64", needs=(CIRCUIT,)),
    scenario("simulate", f"dlca simulate {MODEL} --steps 4 --quiet --threads 1 --pattern gun.rle --at 0,0 --width 40"
             " --height 12 --gif a.gif --save-state a.state --statistics a.csv --damage 1,1,2,2",
             ("a.gif", "a.state", "a.csv"), (MODEL, "gun.rle")),
    scenario("simulate-state", f"dlca simulate {CIRCUIT} --state old.state --steps 2 --quiet --threads 2 --frames"
             " --out run --save-state a.png", ("a.png",), (CIRCUIT, "old.state")),
    scenario("export", f"dlca circuit {MODEL} --quiet " + " ".join(f"-o {name}" for name in EXPORTS), EXPORTS, (MODEL,)),
    scenario("import", f"dlca circuit life.blif --original {CIRCUIT} --prove --quiet -o a.json", ("a.json",),
             (CIRCUIT, "life.blif")),
    scenario("sweep", "dlca sweep checkerboard --seeds 1..2 --small --epochs 1 --threads 1 --quiet --out swept"),
]


class Visit:
    """One scenario under the programs of one folder."""

    def __init__(self, programs, chosen, inputs):
        self.words = [str(programs / chosen.words[0])] + chosen.words[1:]
        self.chosen, self.inputs = chosen, inputs

    def run(self, number, persistent=False):
        """(exit code, stderr, files, calls, name of the call that failed, files before); what was printed is a file, too"""
        with tempfile.TemporaryDirectory(prefix="dlca-faults-") as name:
            folder = pathlib.Path(name)
            for need in self.chosen.needs:
                source = self.inputs / need
                (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / need)
            for old in self.chosen.olds:
                (folder / old).write_bytes(OLD)
            (folder / "tmp").mkdir()
            before = self.files(folder)
            surroundings = dict(os.environ, DLCA_FAULT=str(number), DLCA_FAULT_LOG=str(folder / "calls"),
                                TMPDIR=str(folder / "tmp"), OMP_WAIT_POLICY="passive", OMP_NUM_THREADS="1",
                                LSAN_OPTIONS=f"exitcode={LEAKED}",
                                ASAN_OPTIONS=f"exitcode={WRONG_MEMORY}:allocator_may_return_null=1")
            if persistent:
                surroundings["DLCA_FAULT_ON"] = "yes"
            try:
                ended = subprocess.run(self.words, cwd=folder, env=surroundings, capture_output=True, timeout=LONGEST,
                                       check=False)
                code, error, printed = ended.returncode, ended.stderr, ended.stdout
            except subprocess.TimeoutExpired:
                code, error, printed = f"no end in {LONGEST} s", b"", b""
            calls = (folder / "calls").read_text().split() if (folder / "calls").exists() else ["0", "-"]
            files = self.files(folder)
            if code == 0:
                files[PRINTED] = printed
            return code, error, files, int(calls[0]), calls[1], before

    def files(self, folder):
        found = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_symlink():
                found[name] = b"-> " + os.readlink(path).encode()
            elif path.is_file() and name != "calls" and name not in self.chosen.needs:
                found[name] = path.read_bytes().replace(bytes(folder), b"FOLDER")
        return found

    def judge(self, result, reference):
        """What is wrong with a run, "" when nothing is."""
        code, error, files, _, _, before = result
        if code not in (0, 1):
            return {LEAKED: "leaks memory", WRONG_MEMORY: "wrong use of memory"}.get(code, f"ended with {code}")
        lines = [line for line in error.decode(errors="replace").splitlines() if line.strip()]
        if code == 1 and len(lines) != 1:
            return f"{len(lines)} lines on stderr instead of one"
        for name, content in files.items():
            if content != before.get(name) and not whole(name, content, reference.get(name)):
                return f"{name} is not whole" if name in reference else f"{name} was left behind"
        if code == 0 and (files.keys() != reference.keys() or OLD in files.values()):
            return "ended well without all files: " + ", ".join(sorted(reference.keys() ^ files.keys()))
        return ""


def whole(name, content, reference):
    if reference is None:
        # Kept to go on from; or left where the OpenMP run time itself ended the program, and locking nothing.
        return name.rpartition("/")[2].startswith("checkpoint-") or name.endswith("run.lock")
    if pathlib.PurePath(name).name in VOLATILE:
        content, reference = NUMBER.sub(b"0", content), NUMBER.sub(b"0", reference)
    if pathlib.PurePath(name).name in ENDS:
        return content.endswith(ENDS[pathlib.PurePath(name).name])
    # A checkpoint is of another epoch than the last, and holds times: a checksum covers it.
    if name.endswith(".csv"):
        return content == b"" or (reference.startswith(content) and content.endswith(b"\n"))
    return content == reference or name.endswith("checkpoint.safetensors")


def make_inputs(programs, folder):
    """The files that scenarios read, made without faults."""
    def run(words):
        subprocess.run([str(programs / words[0])] + words[1:], cwd=folder, check=True, capture_output=True)
    run((TRAIN + "1 --repair 0 --out first").split())
    for name in (MODEL, CIRCUIT):
        shutil.copy(folder / "first" / name, folder / name)
    run(["dlca", "circuit", CIRCUIT, "--quiet", "-o", "life.blif"])
    run(["dlca", "simulate", CIRCUIT, "--steps", "1", "--quiet", "--save-state", "old.state"])
    run((TRAIN + "1 --repair 0 --save-every 1 --out begun").split())
    shutil.copy(ROOT / "data" / "mushroom.png", folder / "mushroom.png")
    shutil.copy(ROOT / "data" / "gosper_glider_gun.rle", folder / "gun.rle")


def visit(programs, chosen, inputs, every, persistent, jobs):
    """(points visited, list of what went wrong)"""
    one = Visit(programs, chosen, inputs)
    reference = one.run(0)
    if reference[0] != 0:
        return 0, [f"{chosen.name}: without a fault it ends with {reference[0]}: {reference[1].decode()}"]
    numbers = [(n, False) for n in range(1, reference[3] + 1, every)]
    numbers += [(n, True) for n in range(1, reference[3] + 1, persistent)] if persistent else []
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for (number, on), result in zip(numbers, pool.map(lambda point: one.run(*point), numbers)):
            problem = one.judge(result, reference[2])
            if problem:
                said = result[1].decode(errors="replace").strip()
                wrong.append(f"{chosen.name}: call {number}{' and all after it' if on else ''} ({result[4]}): {problem}"
                             + (f"\n    {said}" if said else ""))
    return len(numbers), wrong


def main():
    parser = argparse.ArgumentParser(description="makes every call that can fail, fail")
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--persistent", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("scenario", nargs="*")
    arguments = parser.parse_intermixed_args()
    points, wrong = 0, []
    with tempfile.TemporaryDirectory(prefix="dlca-faults-") as name:
        programs, inputs = arguments.programs.resolve(), pathlib.Path(name)
        make_inputs(programs, inputs)
        for chosen in SCENARIOS:
            if arguments.scenario and chosen.name not in arguments.scenario:
                continue
            count, problems = visit(programs, chosen, inputs, arguments.every, arguments.persistent, arguments.jobs)
            print(f"{chosen.name}: {count} points visited, {len(problems)} went wrong", flush=True)
            print("".join(problem + "\n" for problem in problems), end="", flush=True)
            points += count
            wrong += problems
    print(f"faults: {points} points visited, {len(wrong)} went wrong")
    return 1 if wrong or points == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
