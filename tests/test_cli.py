"""test_cli.py - the trainers as a user runs them: help, bad options, the folder and files of a run, Ctrl-C, same bytes.

Leaves alone: ./dlca (test_dlca.py), whether training succeeds (tests of the loop).
"""

import csv
import hashlib
import json
import os
import pty
import re
import resource
import signal
import subprocess
import time

import pytest

from programs import CHECKERBOARD, DLCA, PROGRAMS, RUN_FILES, SHORT, SUMMARY_FIELDS, TRAINERS
from programs import assert_refused, everything_in, run

WRITES_ITSELF = pytest.mark.skipif(PROGRAMS.parent.name == "tsan", reason="the thread sanitizer itself writes files")


# ---- help and version ----


@pytest.mark.parametrize("trainer", TRAINERS)
def test_trainer_help_lists_every_option_and_trains_nothing(trainer, tmp_path):
    result = run(PROGRAMS / trainer, "--help", cwd=tmp_path)
    assert result.returncode == 0 and result.stderr == ""
    for option in """epochs seed out threads backend paper small frames frame-every log-interval eval-interval all-epochs
            save-every resume quiet help version""".split():
        assert f"  --{option}" in result.stdout
    assert all(len(line) <= 100 and line == line.rstrip() for line in result.stdout.splitlines())
    assert everything_in(tmp_path) == []


def test_dlca_help(tmp_path):
    listing = run(DLCA, "--help", cwd=tmp_path).stdout
    commands = re.findall(r"^  ([a-z]+) {2,}\S", listing, re.M)
    assert {"simulate", "inspect", "backends"} <= set(commands)
    for command in commands:
        result = run(DLCA, command, "--help", cwd=tmp_path)
        assert result.returncode == 0 and result.stderr == ""
        assert result.stdout.startswith(f"usage: dlca {command}")
        assert "--help" in result.stdout and "--version" in result.stdout
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("program", TRAINERS + ["dlca"])
def test_version(program, tmp_path):
    result = run(PROGRAMS / program, "--version", cwd=tmp_path)
    assert result.returncode == 0
    assert re.fullmatch(r"\S+( \(dlca\))? \d+\.\d+\.\d+\n", result.stdout)


# ---- bad options ----

BAD_OPTIONS = [
    (["--epoch", "5"], "did you mean --epochs?"),
    (["--nonsense"], "--nonsense"),
    (["-q"], "-q"),
    (["--epochs"], "--epochs needs a value"),
    (["--seed", "--quiet"], "--seed needs a value"),
    (["--out="], "--out"),
    (["--epochs", "many"], "--epochs: 'many' is not a whole number"),
    (["--epochs", "10x"], "--epochs: '10x'"),
    (["--epochs", ""], "--epochs"),
    (["--epochs", "0"], "--epochs: '0' is out of range; accepted: a whole number from 1 to"),
    (["--epochs=-3"], "--epochs"),
    (["--epochs", "99999999999999999999"], "--epochs"),
    (["--seed", "-1"], "--seed: '-1' is out of range"),
    (["--seed", "1e3"], "--seed"),
    (["--threads", "0"], "--threads: '0' is out of range"),
    (["--threads", "100000"], "--threads"),
    (["--frame-every", "0"], "--frame-every"),
    (["--log-interval", "0"], "--log-interval"),
    (["--eval-interval", "0"], "--eval-interval"),
    (["--save-every", "-1"], "--save-every"),
    (["--backend", "abacus"], "--backend"),
    (["--batch", "0"], "--batch"),
    (["--rate", "fast"], "--rate"),
    (["--rate", "nan"], "--rate"),
    (["--harden-first", "1.5"], "--harden-first"),
    (["--repair", "-1"], "--repair"),
    (["--gates", "iwp"], "--gates: gates 'iwp': accepted are softmax16, light"),
    (["--steps-min", "0"], "--steps-min"),
    (["--steps-min", "21"], "--steps-min 21 is above --steps-max 20"),
    (["--steps-max", "19"], "--steps-min 20 is above --steps-max 19"),
    (["--hold", "-1"], "--hold"),
    (["--hold", "1000000"], "--hold 1000000 is too long"),
    (["--damage", "1.1"], "--damage"),
    (["--quiet=yes"], "--quiet takes no value"),
    (["--small", "run"], "unexpected argument 'run'"),
    (["--epochs", "5\n--seed"], "--epochs"),
]


@pytest.mark.parametrize("options, name", BAD_OPTIONS, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_options_are_refused(options, name, tmp_path):
    assert_refused(run(CHECKERBOARD, *options, cwd=tmp_path), tmp_path, name)


def test_life_has_no_further_steps_to_train(tmp_path):
    for option in (["--hold", "1"], ["--steps-max", "2"], ["--damage", "0.1"]):
        result = run(PROGRAMS / "train_life", *option, cwd=tmp_path)
        assert_refused(result, tmp_path, "the target of 'life' depends on its start")


def test_only_the_checkerboard_is_asynchronous(tmp_path):
    assert_refused(run(PROGRAMS / "train_life", "--async", cwd=tmp_path), tmp_path, "unknown option '--async'")


def test_cuda_without_a_device_is_refused_with_a_reason(tmp_path):
    listing = run(DLCA, "backends", cwd=tmp_path).stdout
    line = re.search(r"^cuda +(.*)", listing, re.M).group(1)
    if line == "usable":
        pytest.skip("this machine has a CUDA device")
    result = run(CHECKERBOARD, *SHORT, "--backend", "cuda", cwd=tmp_path)
    assert_refused(result, tmp_path, "--backend: backend cuda: " + line.removeprefix("not here: "))
    assert run(CHECKERBOARD, "--dry-run", "--backend", "cuda", cwd=tmp_path).returncode == 2


def test_a_backend_that_this_cpu_lacks_is_refused(tmp_path):
    listing = run(DLCA, "backends", cwd=tmp_path)
    assert listing.returncode == 0 and "(auto)" in listing.stdout
    states = re.findall(r"^(scalar|avx2|avx512|neon) +(usable|not .*?)(?: \(auto\))?$", listing.stdout, re.M)
    assert len(states) == 4
    for name, state in states:
        if state != "usable":
            assert_refused(run(CHECKERBOARD, *SHORT, "--backend", name, cwd=tmp_path), tmp_path, "--backend")


@pytest.mark.parametrize(
    "arguments, name",
    [
        ([], "a command is missing"),
        (["simualte"], "did you mean simulate?"),
        (["quack"], "unknown command 'quack'"),
        (["--quack"], "unknown option '--quack'"),
        (["simulate"], "an argument is missing; usage: dlca simulate MODEL"),
        (["inspect"], "an argument is missing; usage: dlca inspect MODEL"),
        (["inspect", "a", "b"], "unexpected argument 'b'"),
        (["backends", "all"], "unexpected argument 'all'"),
        (["inspect", "absent.safetensors"], "absent.safetensors"),
        (["simulate", "absent.safetensors"], "absent.safetensors"),
    ],
)
def test_bad_commands_are_refused(arguments, name, tmp_path):
    assert_refused(run(DLCA, *arguments, cwd=tmp_path), tmp_path, name)


# ---- the run folder ----


def test_an_out_with_files_in_it_is_refused(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "notes").write_text("mine")
    result = run(CHECKERBOARD, *SHORT, "--out", "old", cwd=tmp_path)
    assert_refused(result, tmp_path, "--out: 'old' has files in it", before=["old", "old/notes"])


def test_an_out_that_is_a_file_or_below_one_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in ["file", "file/below"]:
        assert_refused(run(CHECKERBOARD, *SHORT, "--out", out, cwd=tmp_path), tmp_path, "--out", before=["file"])


def test_an_out_that_cannot_be_created_is_refused(tmp_path):
    for out in ["/proc/run", "x" * 5000]:
        assert_refused(run(CHECKERBOARD, *SHORT, "--out", out, cwd=tmp_path), tmp_path, "--out")


@WRITES_ITSELF
def test_a_disk_that_takes_no_byte_ends_the_run_before_it_starts(tmp_path):
    def no_bytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    result = run(CHECKERBOARD, *SHORT, "--out", "run", cwd=tmp_path, preexec_fn=no_bytes)
    assert_refused(result, tmp_path, "run/run.lock", code=1)


@WRITES_ITSELF
def test_a_disk_that_fills_up_later_fails_the_run(tmp_path):
    # The first checkpoint has no circuit beside the model in training, and is smaller than the next.
    whole = run(CHECKERBOARD, *SHORT, "--quiet", "--out", "whole", cwd=tmp_path)
    assert whole.returncode == 0
    bytes_of_checkpoint = (tmp_path / "whole" / "checkpoint.safetensors").stat().st_size

    def few_bytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_checkpoint - 1, bytes_of_checkpoint - 1))

    result = run(CHECKERBOARD, *SHORT, "--quiet", "--out", "run", cwd=tmp_path, preexec_fn=few_bytes)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 and "run/checkpoint.safetensors" in result.stderr
    # What was complete stays; nothing is half written, and no summary says that the run was finished.
    assert everything_in(tmp_path / "run") == ["checkpoint.safetensors", "log.csv"]
    assert run(CHECKERBOARD, "--resume", "run", "--quiet", cwd=tmp_path).returncode == 0, "there is room again"
    for name in ["model.safetensors", "circuit.json"]:
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@WRITES_ITSELF
def test_a_disk_that_takes_no_checkpoint_ends_the_run_before_it_starts(tmp_path):
    def few_bytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    result = run(CHECKERBOARD, *SHORT, "--quiet", "--out", "run", cwd=tmp_path, preexec_fn=few_bytes)
    assert_refused(result, tmp_path, "run/checkpoint.safetensors", code=1)


def test_out_is_created_or_used_when_empty(tmp_path):
    (tmp_path / "empty").mkdir()
    for out in ["empty", "deep/er"]:
        result = run(CHECKERBOARD, *SHORT, "--out", out, "--quiet", cwd=tmp_path)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert sorted(path.name for path in (tmp_path / out).iterdir()) == RUN_FILES


def test_runs_never_overwrite_each_other(tmp_path):
    command = [CHECKERBOARD, "--small", "--epochs", "5", "--quiet"]
    together = [subprocess.Popen(command, cwd=tmp_path) for _ in range(3)]
    assert [process.wait(timeout=1200) for process in together] == [0, 0, 0]
    assert run(*command, cwd=tmp_path).returncode == 0
    parent = tmp_path / "results" / "checkerboard"
    assert sorted(path.name for path in parent.iterdir()) == ["001", "002", "003", "004", "latest"]
    assert os.readlink(parent / "latest") == "004"
    for number in ["001", "002", "003", "004"]:
        assert sorted(path.name for path in (parent / number).iterdir()) == RUN_FILES


# ---- what a run leaves ----


def test_the_summary_is_one_flat_object_with_the_documented_fields(finished):
    folder, _ = finished
    summary = json.loads((folder / "summary.json").read_text())
    assert list(summary) == SUMMARY_FIELDS
    assert summary["task"] == "checkerboard" and summary["variant"] == "sync"
    assert 0 < summary["epochs_run"] <= 20 and summary["epochs"] == 20
    # what is not exact on samples is refuted by one of them; what is, may be proven, refuted or neither
    assert summary["hard_exact"] or summary["proven_exact"] is False
    assert summary["peak_rss_bytes"] > 1 << 20
    assert not any(isinstance(value, (dict, list)) for value in summary.values())


def test_the_log_has_a_row_per_evaluation(finished):
    folder, _ = finished
    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "soft_loss", "hard_loss", "hard_accuracy", "lr", "seconds"]
    epochs = [int(row["epoch"]) for row in rows]
    assert epochs == sorted(set(epochs)) and epochs[-1] <= 20
    assert all(0 <= float(row["hard_accuracy"]) <= 1 and float(row["lr"]) > 0 for row in rows)


def test_the_pictures(finished):
    folder, _ = finished
    steps = json.loads((folder / "summary.json").read_text())["steps"]
    assert sorted(path.name for path in (folder / "frames").iterdir()) == [f"step_{i:03}.png" for i in range(steps + 1)]
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in (folder / "frames").iterdir())
    gif = (folder / "rollout.gif").read_bytes()
    assert gif.startswith(b"GIF89a") and gif.endswith(b";")
    width, height = int.from_bytes(gif[6:8], "little"), int.from_bytes(gif[8:10], "little")
    assert 200 <= height <= 300 and width > 2 * height, "the rollout and beside it the target"


def test_the_circuit_is_json(finished):
    folder, _ = finished
    circuit = json.loads((folder / "circuit.json").read_text())
    assert circuit["format"].startswith("dlca")


def test_without_frames_only_the_last_picture_is_written(tmp_path):
    assert run(CHECKERBOARD, *SHORT, "--out", "run", cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "run" / "frames").iterdir())) == 1


def test_the_python_package_reads_the_model(finished):
    safetensors = pytest.importorskip("safetensors.numpy", reason="the Python package safetensors is not installed")
    folder, _ = finished
    tensors = safetensors.load_file(folder / "model.safetensors")
    summary = json.loads((folder / "summary.json").read_text())
    logits = [value for name, value in tensors.items() if name.endswith(".logits")]
    assert all(value.shape[-1] == 16 and value.dtype == "float32" for value in logits)
    assert sum(value.size // 16 for value in logits) == summary["gates_total"]
    ops = [value for name, value in tensors.items() if name.endswith(".ops")]
    assert sum(value.size for value in ops) == summary["gates_total"]
    assert all((value < 16).all() for value in ops)


def test_output_that_goes_to_a_file_has_a_line_per_interval_and_a_summary(finished):
    _, output = finished
    assert re.search(r"^epoch 5/20  soft loss [\d.]+  hard loss [\d.]+  wrong cells [\d.]+  [\d.]+ ms/epoch  ETA ", output, re.M)
    assert "\r" not in output and "\033" not in output
    for word in ["exact", "gates: ", "time: ", "files: results/checkerboard/001/"]:
        assert word in output


def test_a_terminal_gets_one_live_line(tmp_path):
    try:
        master, slave = pty.openpty()
    except OSError:
        pytest.skip("there is no pseudo-terminal here")
    environment = dict(os.environ, TERM="xterm")
    process = subprocess.Popen([CHECKERBOARD, *SHORT], cwd=tmp_path, stdout=slave, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert process.wait(timeout=600) == 0
    live = shown.split(b"\n")[0]
    assert live.count(b"\repoch ") >= 2, "it is drawn over itself"
    assert b"ETA" in live and b"wrong cells" in live


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, *SHORT, "--log-interval", "1", "--out", "run"], cwd=tmp_path, stdout=subprocess.PIPE
    )
    process.stdout.close()
    assert process.wait(timeout=1200) == 0
    assert (tmp_path / "run" / "summary.json").exists()


# ---- ending a run ----


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_ctrl_c_ends_after_the_epoch_with_everything_written(number, code, tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, "--small", "--all-epochs", "--epochs", "1000000", "--out", "run", "--log-interval", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("epoch 1/1000000")
    process.send_signal(number)
    output, errors = process.communicate(timeout=600)
    assert process.returncode == code, errors
    assert "interrupted: the state after epoch " in output and "train_checkerboard --resume run\n" in output
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == RUN_FILES
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert 0 < summary["epochs_run"] < 1000000
    assert run(DLCA, "inspect", "run/model.safetensors", cwd=tmp_path).returncode == 0


def test_more_memory_than_the_machine_has_is_refused_with_both_figures(tmp_path):
    everything_kept = ["--batch", "65536", "--steps", "5000", "--checkpoint-every", "5000"]
    result = run(CHECKERBOARD, *everything_kept, "--epochs", "1", "--out", "run", cwd=tmp_path)
    assert_refused(result, tmp_path, "training needs 2505.6 GiB of memory, this machine has")


def test_save_every_writes_a_checkpoint_on_the_way(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, "--small", "--all-epochs", "--epochs", "1000000", "--out", "run", "--save-every", "2", "--quiet"],
        cwd=tmp_path,
    )
    model = tmp_path / "run" / "checkpoint.safetensors"
    deadline = time.monotonic() + 60
    versions = set()
    while len(versions) < 3 and time.monotonic() < deadline:
        time.sleep(0.002)
        if model.exists():
            versions.add(model.stat().st_ino)
    process.kill()
    process.wait(timeout=600)
    assert len(versions) >= 3, "the file was replaced again and again"
    result = run(DLCA, "inspect", model, cwd=tmp_path)
    assert result.returncode == 0, result.stderr


# ---- the same bytes ----


@pytest.mark.parametrize(
    "options", [[], ["--async", "--steps-min", "8", "--steps-max", "12", "--hold", "2", "--damage", "0.5"]], ids=" ".join
)
def test_threads_and_backends_give_the_same_bytes(options, tmp_path):
    usable = re.findall(r"^(\w+) +usable", run(DLCA, "backends", cwd=tmp_path).stdout, re.M)
    variants = [["--threads", n] for n in "123"] + [["--backend", name] for name in usable]
    sums = set()
    for number, variant in enumerate(variants):
        result = run(CHECKERBOARD, *SHORT, "--all-epochs", "--quiet", "--out", number, *options, *variant, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        files = ["model.safetensors", "circuit.json", "rollout.gif"]
        sums.add(hashlib.sha256(b"".join((tmp_path / str(number) / name).read_bytes() for name in files)).hexdigest())
    assert len(sums) == 1
