"""test_resume.py - interrupted runs: going on to the same bytes, options, locks, signals, damage.

Leaves alone: many kills at random moments (crash_test.py, of which a short form is run here), the options themselves.
"""

import ctypes
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time

import pytest

import crash_test
from interrupted import KILLED, VARIANTS, differences, finish, first_command, kill_after, resume_command
from interrupted import temporaries, usable_backends
from programs import CHECKERBOARD, DLCA, PROGRAMS, ROOT, RUN_FILES, SHORT, assert_refused, everything_in, run

PLAIN_BUILD = PROGRAMS.parent.name not in ("asan", "tsan")
NEVER_ENDS = ["--small", "--all-epochs", "--epochs", "1000000"]


def state_of(folder):
    """The notes of a checkpoint by their names."""
    front = (folder / "checkpoint.safetensors").read_bytes()
    header = json.loads(front[8 : 8 + int.from_bytes(front[:8], "little")])
    return {name[5:]: value for name, value in header["__metadata__"].items() if name.startswith("note.")}


def wait_for(condition):
    end = time.monotonic() + 600
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


# ---- the same bytes ----


@pytest.fixture(scope="session")
def references(tmp_path_factory):
    """The undisturbed run of each variant, and its seconds."""
    scratch = tmp_path_factory.mktemp("references")
    variants = VARIANTS if PLAIN_BUILD else ["life"]
    return {variant: crash_test.reference(variant, scratch / variant) for variant in variants}


# Ends before the first judgement, between two, after and at a repair, right before and after the restart.
STOPS = {
    "checkerboard": ["1", "5", "9", "10", "47", "64", "65", "66", "69", "101"],
    "checkerboard --async": ["3", "10", "70", "71", "99"],
    "life": ["249", "250", "251", "400"],
    "lizard": ["19", "20", "21"],
    "colors": ["30", "299", "300", "301"],
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_run_in_many_pieces_is_the_run_in_one(variant, references, tmp_path):
    """Each piece on other threads and another backend. A budget that grows stands for an interruption at that epoch."""
    if not PLAIN_BUILD and variant != "life":
        pytest.skip("minutes under a sanitizer")
    command, folder = first_command(variant, tmp_path / "pieces", "--frames"), tmp_path / "pieces"
    at = command.index("--epochs") + 1 if "--epochs" in command else None
    last = command[at] if at else "3000"
    *others, widest = usable_backends()
    ways = zip(itertools.cycle("123"), itertools.cycle([widest, *others]))
    if at:
        command[at] = STOPS[variant][0]
    else:
        command += ["--epochs", STOPS[variant][0]]
    for stop in STOPS[variant][1:] + [last]:
        assert finish(command + ["--quiet"]).returncode == 0
        threads, backend = next(ways)
        command = resume_command(variant, folder, "--epochs", stop, "--threads", threads, "--backend", backend)
    assert finish(command + ["--quiet"]).returncode == 0
    assert differences(folder, references[variant][0]) == []


WAYS_TO_TRAIN = [
    ["--hold", "2", "--hold-weight", "2"],
    ["--steps-min", "2", "--steps-max", "5"],
    ["--damage", "0.5"],
    ["--gates", "light"],
    ["--gates", "gumbel"],
    ["--gates", "straight-through"],
    ["--batch", "3", "--eval-interval", "7"],
    ["--spread", "1", "--start-or", "0.2", "--start-xor", "0.1"],
    ["--checkpoint-every", "2", "--harden-last", "0.5"],
    ["--async", "--steps-min", "8", "--steps-max", "12", "--hold", "2", "--damage", "0.5", "--gates", "light"],
]


@pytest.mark.parametrize("options", WAYS_TO_TRAIN if PLAIN_BUILD else WAYS_TO_TRAIN[-1:], ids=" ".join)
def test_every_way_to_train_goes_on_to_the_same_bytes(options, tmp_path):
    """Begun on one thread with one backend; the second part is killed, in the middle of a write of its checkpoint if that
    can be met, then gone on with by other threads and another backend."""
    backends = usable_backends()
    base = [CHECKERBOARD, "--small", *options, "--repair", "100", "--quiet"]
    assert finish([*base, "--epochs", "40", "--out", str(tmp_path / "one")]).returncode == 0
    folder = tmp_path / "two"
    assert finish([*base, "--epochs", "13", "--out", str(folder), "--threads", "1", "--backend", backends[0]]).returncode == 0
    resume = [CHECKERBOARD, "--resume", str(folder), "--epochs", "40", "--quiet"]
    kill_after([*resume, "--save-every", "1", "--threads", "3", "--backend", backends[-1]], 0.02, folder)
    assert finish([*resume, "--threads", "2", "--backend", backends[0]]).returncode == 0
    assert differences(folder, tmp_path / "one") == []


@pytest.mark.skipif(not PLAIN_BUILD, reason="once, with the plain build")
def test_a_few_kills(references, tmp_path):
    figures = crash_test.crash(5, 11, tmp_path, references)
    assert figures.failures == [] and figures.kills == 5 and figures.runs >= 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_and_the_run_goes_on_to_the_same_bytes(number, tmp_path):
    options = ["--small", "--epochs", "60", "--repair", "150", "--eval-interval", "7", "--log-interval", "1", "--out"]
    assert run(CHECKERBOARD, *options, "one", "--quiet", cwd=tmp_path).returncode == 0
    process = subprocess.Popen(
        [CHECKERBOARD, *options, "two"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    line = next(line for line in process.stdout if line.startswith("epoch 9/60"))
    process.send_signal(number)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 128 + number, line
    saved = int(output.split("interrupted: the state after epoch ")[1].split()[0])
    assert 9 <= saved < 60 and f"{CHECKERBOARD} --resume two" in output
    interrupted_rows = len((tmp_path / "two" / "log.csv").read_text().splitlines())
    assert int(state_of(tmp_path / "two")["state.rows"]) == saved // 7 <= interrupted_rows - 1
    result = run(CHECKERBOARD, "--resume", "two", cwd=tmp_path)
    assert result.returncode == 0 and result.stdout.startswith(f"going on after epoch {saved} in two\n")
    assert differences(tmp_path / "two", tmp_path / "one") == []


def test_a_signal_within_a_long_epoch_gives_it_up(tmp_path):
    """Some six seconds of one processor an epoch; the state of the last one that was over is kept."""
    options = [CHECKERBOARD, "--paper", "--steps", "6000", "--threads", "1", "--out", "run"]
    process = subprocess.Popen(options, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    wait_for((tmp_path / "run" / "checkpoint.safetensors").exists)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    line = next(line for line in process.stdout if line.startswith("interrupted: "))
    process.kill()  # it would go on with pictures of all steps
    process.communicate()
    assert "the state after epoch 0 is saved" in line
    assert state_of(tmp_path / "run")["state.restart_epoch"] == "0"


def test_a_second_ctrl_c_ends_at_once(tmp_path):
    process = subprocess.Popen(
        [PROGRAMS / "train_lizard", "--epochs", "100000", "--out", "run", "--log-interval", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    begun = any(line.startswith(b"epoch 1/") for line in process.stdout)
    if not begun:
        process.kill()
    assert begun
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=600)
    assert process.returncode == -signal.SIGINT
    assert run(DLCA, "inspect", "run/checkpoint.safetensors", cwd=tmp_path).returncode == 0


def test_the_latest_run_is_gone_on_with_by_default(tmp_path):
    assert run(CHECKERBOARD, *SHORT, "--epochs", "5", "--quiet", cwd=tmp_path).returncode == 0
    result = run(CHECKERBOARD, "--resume", "--epochs", "9", cwd=tmp_path)
    assert result.returncode == 0 and "going on after epoch 5 in results/checkerboard/001" in result.stdout
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results" / "checkerboard" / "001").iterdir()}
    result = run(CHECKERBOARD, "--resume", cwd=tmp_path)
    assert result.returncode == 0 and "the run has ended and is complete, after 9 epochs" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before, "nothing was written"
    assert sorted(path.name for path in before) == RUN_FILES


def test_a_run_without_a_checkpoint_starts_from_the_beginning(tmp_path):
    assert run(CHECKERBOARD, *SHORT, "--out", "one", "--quiet", cwd=tmp_path).returncode == 0
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "log.csv").write_text("epoch,soft_loss,ha")
    (tmp_path / "two" / "run.lock").write_text("process 99999999 on nowhere\n")
    (tmp_path / "two" / "checkpoint.safetensors.tmp-123-0").write_text("torn")
    (tmp_path / "empty").mkdir()
    for folder in ["two", "empty"]:
        result = run(CHECKERBOARD, *SHORT, "--resume", folder, "--quiet", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert differences(tmp_path / folder, tmp_path / "one") == []
        assert sorted(path.name for path in (tmp_path / folder).iterdir()) == RUN_FILES


def test_a_killed_run_leaves_nothing_behind_after_the_next(tmp_path):
    variant = "checkerboard"
    code, _ = kill_after(first_command(variant, tmp_path / "run", "--save-every", "1"), 0.1, tmp_path / "run")
    assert code == KILLED
    (tmp_path / "run" / "model.safetensors.tmp-7-3").write_text("torn")
    (tmp_path / "run" / "notes.tmp-7-3").write_text("not of this program")
    (tmp_path / "run" / "frames").mkdir()
    (tmp_path / "run" / "frames" / "step_003.png.tmp-7-0").write_text("torn")
    assert finish(resume_command(variant, tmp_path / "run", "--quiet")).returncode == 0
    assert [path.name for path in temporaries(tmp_path / "run")] == ["notes.tmp-7-3"]
    assert not (tmp_path / "run" / "run.lock").exists()


def test_a_picture_goes_on_without_its_file(tmp_path):
    options = ["--small", "--epochs", "30", "--size", "8", "--colors", "4", "--quiet"]
    shutil.copy(ROOT / "data" / "mushroom.png", tmp_path / "picture.png")
    image = PROGRAMS / "train_image"
    assert run(image, "--target", "picture.png", *options, "--out", "one", cwd=tmp_path).returncode == 0
    options[options.index("30")] = "11"
    assert run(image, "--target", "picture.png", *options, "--out", "two", cwd=tmp_path).returncode == 0
    shutil.copy(ROOT / "data" / "mushroom.png", tmp_path / "moved.png")
    (tmp_path / "picture.png").unlink()
    assert run(image, "--resume", "two", "--epochs", "20", "--quiet", cwd=tmp_path).returncode == 0
    result = run(image, "--resume", "two", "--target", "moved.png", "--epochs", "30", "--quiet", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert differences(tmp_path / "two", tmp_path / "one") == []
    shutil.copy(tmp_path / "two" / "rollout.gif", tmp_path / "other.gif")
    before = everything_in(tmp_path)
    result = run(image, "--resume", "two", "--target", "other.gif", "--epochs", "31", cwd=tmp_path)
    assert_refused(result, tmp_path, "", before=before)


# ---- options ----


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ended")
    options = ["--small", "--epochs", "12", "--rate", "0.05", "--eval-interval", "5", "--out", "run", "--quiet"]
    assert run(CHECKERBOARD, *options, cwd=folder).returncode == 0
    return folder


REFUSED = [
    (["--seed", "2"], "--seed: '2' would give another result than the run in run, which has '1'"),
    (["--rate", "0.06"], "--rate: "),
    (["--eval-interval", "6"], "--eval-interval: "),
    (["--paper"], "--paper: 'on' would give another result than the run in run, which has no such option"),
    (["--async"], "--async: "),
    (["--restart-after", "7"], "--restart-after: "),
    (["--hold", "2"], "--hold: "),
    (["--epochs", "11"], "--epochs: '11' is less than the run's budget; accepted: from 12"),
    (["--out", "other"], "--out: 'other' cannot be given with --resume"),
    (["--backend", "abacus"], "--backend"),
]


@pytest.mark.parametrize("options, message", REFUSED, ids=lambda value: value[0] if type(value) is list else "")
def test_options_that_would_change_the_result_are_refused(options, message, ended):
    before = everything_in(ended)
    assert_refused(run(CHECKERBOARD, "--resume", "run", *options, cwd=ended), ended, message, before=before)


def test_every_option_that_is_kept_says_whether_it_may_change(ended):
    """Each option of the help is refused, kept, or of one start alone - so that a new one is not forgotten."""
    fresh = {"out", "resume", "dry-run", "quiet", "help", "version"}
    may_change = {"epochs", "threads", "backend", "frames", "frame-every", "log-interval", "save-every", "checkpoint-every"}
    lines = run(CHECKERBOARD, "--help", cwd=ended).stdout.splitlines()
    options = [line.split()[:2] for line in lines if line.startswith("  --")]
    before = everything_in(ended)
    for name, value in [(option[2:], value) for option, value in options]:
        if name in fresh | may_change or name == "seed":
            continue
        words = [f"--{name}"] if not value.isupper() else [f"--{name}", "7" if value in "NS" else "0.31"]
        result = run(CHECKERBOARD, "--resume", "run", *words, cwd=ended)
        assert (result.returncode, result.stdout) in [(2, ""), (0, result.stdout)], result.stderr
        same = name == "small"  # which this run has
        assert (result.returncode == 0) == same, f"--{name} changed and was not refused"
    assert everything_in(ended) == before


def test_the_same_options_may_be_given_again(ended):
    result = run(CHECKERBOARD, "--resume", "run", "--small", "--rate=0.05", "--seed", "1", cwd=ended)
    assert result.returncode == 0 and "complete" in result.stdout


def test_another_task_is_refused(ended):
    before = everything_in(ended)
    result = run(PROGRAMS / "train_life", "--resume", "run", cwd=ended)
    assert_refused(result, ended, "task checkerboard", before=before)


def test_what_is_no_run_is_refused(tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = everything_in(tmp_path)
    for folder, message in [("documents", "'documents' has letter in it"), ("absent", "'absent' is not a folder")]:
        assert_refused(run(CHECKERBOARD, "--resume", folder, cwd=tmp_path), tmp_path, message, before=before)
    assert_refused(run(CHECKERBOARD, "--resume=file", cwd=tmp_path), tmp_path, "'file' is not a folder", before=before)
    assert_refused(run(CHECKERBOARD, "--resume", cwd=tmp_path), tmp_path, "results/checkerboard/latest", before=before)


def test_a_damaged_checkpoint_or_log_is_refused(ended, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(ended / "run", folder)
    checkpoint = folder / "checkpoint.safetensors"
    whole = checkpoint.read_bytes()
    before = everything_in(tmp_path)
    for broken in [whole[:-1], whole[:1000], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:], b""]:
        checkpoint.write_bytes(broken)
        result = run(CHECKERBOARD, "--resume", "run", "--epochs", "20", cwd=tmp_path)
        assert_refused(result, tmp_path, "run/checkpoint.safetensors", before=before)
    shutil.copy(folder / "model.safetensors", checkpoint)
    result = run(CHECKERBOARD, "--resume", "run", "--epochs", "20", cwd=tmp_path)
    assert_refused(result, tmp_path, "a model, not the checkpoint of a run", before=before)
    checkpoint.write_bytes(whole)
    (folder / "log.csv").write_text("epoch,soft_loss,hard_loss,hard_accuracy,lr,seconds\n")
    result = run(CHECKERBOARD, "--resume", "run", "--epochs", "20", cwd=tmp_path)
    assert_refused(result, tmp_path, "run/log.csv: lacks rows that the checkpoint counts (2)", before=before)


def test_the_checkpoint_is_a_model(ended, tmp_path):
    model = ended / "run" / "checkpoint.safetensors"
    assert run(DLCA, "simulate", model, "--steps", "2", "--out", "pictures", cwd=tmp_path).returncode == 0
    shown = [run(DLCA, "circuit", path, "-o", f"{name}.json", cwd=tmp_path).returncode
             for name, path in [("a", model), ("b", ended / "run" / "model.safetensors")]]
    assert shown == [0, 0]
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes(), "the best circuit so far"


# ---- locks ----


def test_a_second_process_is_told_who_works_in_the_folder(tmp_path):
    process = subprocess.Popen([CHECKERBOARD, *NEVER_ENDS, "--out", "run", "--quiet"], cwd=tmp_path)
    wait_for((tmp_path / "run" / "checkpoint.safetensors").exists)
    for command in [["--resume", "run"], ["--small", "--out", "run"], ["--resume", "run", "--epochs", "2000000"]]:
        result = run(CHECKERBOARD, *command, cwd=tmp_path)
        assert result.returncode == 2 and result.stdout == "", result.stdout
        assert f"in use by process {process.pid} on {socket.gethostname()}" in result.stderr
        assert result.stderr.count("\n") == 1
    process.kill()
    process.wait(timeout=600)
    assert (tmp_path / "run" / "run.lock").exists(), "the lock of a dead process"
    process = subprocess.Popen([CHECKERBOARD, "--resume", "run"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"going on after epoch "), "it holds nothing"
    process.terminate()
    process.communicate(timeout=600)
    assert process.returncode == 143
    assert not (tmp_path / "run" / "run.lock").exists()


# ---- what goes wrong on the way ----


def test_a_loss_that_is_no_number_ends_the_run_at_its_epoch(tmp_path):
    wild = ["--small", "--epochs", "300", "--rate", "10", "--decay", "1", "--repair", "0", "--out", "run"]
    result = run(CHECKERBOARD, *wild, "--save-every", "3", "--quiet", cwd=tmp_path)
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    words = result.stderr.split("epoch ")
    failed, kept = int(words[1].split(":")[0]), int(words[2].split()[0])
    assert "is no finite number" in result.stderr and 0 <= failed - kept <= 3
    assert run(DLCA, "inspect", "run/checkpoint.safetensors", cwd=tmp_path).returncode == 0
    again = run(CHECKERBOARD, "--resume", "run", "--quiet", cwd=tmp_path)
    assert again.returncode == 1 and again.stderr == result.stderr, "it comes to the same end"


def test_a_folder_that_is_removed_ends_the_run(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, *NEVER_ENDS, "--out", "run", "--quiet"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    wait_for((tmp_path / "run" / "checkpoint.safetensors").exists)
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 1
    assert errors.count("\n") == 1 and "run" in errors and "removed" in errors
    assert everything_in(tmp_path) == []


LINKED = ["model.safetensors", "checkpoint.safetensors", "log.csv", "rollout.gif", "frames", "frames/*"]


@pytest.mark.parametrize("name", LINKED)
def test_a_strangers_folder_cannot_have_other_files_overwritten(name, ended, tmp_path):
    """Whatever a run writes may be a link to a file of its user's, in a folder that somebody else made."""
    shutil.copytree(ended / "run", tmp_path / "run")
    mine, linked = tmp_path / "mine", next((tmp_path / "run").glob(name))
    linked.replace(mine)
    linked.symlink_to(mine)
    before, content = everything_in(tmp_path), mine.read_bytes() if mine.is_file() else everything_in(mine)
    result = run(CHECKERBOARD, "--resume", "run", "--epochs", "15", "--frames", cwd=tmp_path)
    assert_refused(result, tmp_path, f"{linked.relative_to(tmp_path)}: is a symbolic link", before=before)
    assert (mine.read_bytes() if mine.is_file() else everything_in(mine)) == content


def test_a_sweep_stays_in_its_folder(tmp_path):
    command = [DLCA, "sweep", "checkerboard", "--seeds", "1..1", "--small", "--epochs", "3", "--out", "swept"]
    assert run(*command, cwd=tmp_path).returncode == 0
    shutil.move(tmp_path / "swept" / "circuits", tmp_path / "mine")
    (tmp_path / "swept" / "circuits").symlink_to(tmp_path / "mine")
    before = everything_in(tmp_path)
    assert_refused(run(*command, cwd=tmp_path), tmp_path, "swept/circuits: is a symbolic link", before=before)


def obey_permissions():
    """Root may write anywhere by two capabilities, which a program started now no longer has."""
    for capability in [1, 2]:  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; who is not root lacks them, and the right


def test_a_folder_that_cannot_be_written_is_refused(ended, tmp_path):
    (tmp_path / "closed").mkdir()
    shutil.copytree(ended / "run", tmp_path / "run")
    before, content = everything_in(tmp_path), (tmp_path / "run" / "checkpoint.safetensors").read_bytes()
    for folder in [tmp_path / "closed", tmp_path / "run"]:
        folder.chmod(0o500)
    for command, code in [(["--out", "closed"], 2), (["--out", "closed/below"], 2), (["--resume", "run"], 1)]:
        result = run(CHECKERBOARD, "--small", "--epochs", "15", *command, cwd=tmp_path, preexec_fn=obey_permissions)
        assert_refused(result, tmp_path, "Permission denied", code=code, before=before)
    (tmp_path / "run").chmod(0o700)
    assert (tmp_path / "run" / "checkpoint.safetensors").read_bytes() == content


def test_a_folder_that_becomes_read_only_ends_the_run_and_keeps_its_files(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, *NEVER_ENDS, "--out", "run", "--quiet", "--save-every", "1"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=obey_permissions,
    )  # fmt: skip
    wait_for((tmp_path / "run" / "checkpoint.safetensors").exists)
    (tmp_path / "run").chmod(0o500)
    _, errors = process.communicate(timeout=600)
    (tmp_path / "run").chmod(0o700)
    assert process.returncode == 1 and errors.count("\n") == 1
    assert "run/checkpoint.safetensors" in errors and "Permission denied" in errors
    # what was being written at that moment cannot be removed either
    left = {name for name in everything_in(tmp_path / "run") if ".tmp-" not in name}
    assert left <= {"checkpoint.safetensors", "log.csv", "run.lock"}
    assert run(DLCA, "inspect", "--verify", "run/checkpoint.safetensors", cwd=tmp_path).returncode == 0


def test_a_sweep_goes_on_in_the_middle_of_a_training(tmp_path):
    command = [DLCA, "sweep", "checkerboard", "--seeds", "1..2", "--small", "--epochs", "60", "--repair", "150"]
    command += ["--jobs", "1", "--save-every", "1"]
    assert run(*command, "--out", "one", cwd=tmp_path).returncode == 0
    process = subprocess.Popen(command + ["--out", "two"], cwd=tmp_path, stdout=subprocess.DEVNULL)
    wait_for((tmp_path / "two" / "checkpoint-0-1.safetensors").exists)
    process.kill()
    process.wait(timeout=600)
    before = (tmp_path / "two" / "checkpoint-0-1.safetensors").read_bytes()
    os.truncate(tmp_path / "two" / "checkpoint-0-1.safetensors", 1000)
    result = run(*command, "--out", "two", cwd=tmp_path)
    assert result.returncode == 2 and "checkpoint-0-1.safetensors" in result.stderr, "it is read"
    (tmp_path / "two" / "checkpoint-0-1.safetensors").write_bytes(before)
    assert run(*command, "--out", "two", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["circuits", "sweep.csv"]
    columns = [i for i in range(15) if i not in (9, 10, 11)]  # the seconds
    tables = []
    for name in ["one", "two"]:
        rows = [line.split(",") for line in (tmp_path / name / "sweep.csv").read_text().splitlines()[1:]]
        tables.append([[row[i] for i in columns] for row in rows])
    assert tables[0] == tables[1]
