"""test_cli.py - the programs as a user runs them: help, bad input, files of a run, Ctrl-C, simulate and inspect.

Reads DLCA_PROGRAMS (the folder with the programs, default: the repository's root). Every program runs in a folder of its
own, so that "nothing was written" can be seen. Leaves alone: whether training succeeds (tests of the loop).
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
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve()
TRAINERS = sorted(path.stem for path in (ROOT / "train").glob("train_*.c"))
DLCA = str(PROGRAMS / "dlca")
CHECKERBOARD = str(PROGRAMS / "train_checkerboard")
WRITES_ITSELF = pytest.mark.skipif(PROGRAMS.parent.name == "tsan", reason="the thread sanitizer itself writes files")
SHORT = ["--small", "--epochs", "20"]
RUN_FILES = ["circuit.json", "frames", "log.csv", "model.safetensors", "rollout.gif", "summary.json"]
SUMMARY_FIELDS = """task variant seed epochs epochs_run exact_epoch soft_loss hard_loss hard_accuracy hard_exact hold_steps
    proven_exact proven_hold restarts seconds_total seconds_train seconds_repair ms_per_epoch gate_evals_per_second
    gates_total gates_active gates_optimized cells steps batch channels threads backend peak_rss_bytes version""".split()


def run(*command, cwd, **more):
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300, **more)


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def assert_refused(result, folder, name, code=2, before=()):
    """One line on stderr that names what is wrong, the exit code, and nothing written."""
    assert result.returncode == code, result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.endswith("\n"), result.stderr
    assert name in result.stderr
    assert result.stdout == ""
    assert everything_in(folder) == sorted(before)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A short finished run: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("finished")
    result = run(CHECKERBOARD, *SHORT, "--frames", "--eval-interval", "5", "--log-interval", "5", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder / "results" / "checkerboard" / "001", result.stdout


# ---- help and version ----


@pytest.mark.parametrize("trainer", TRAINERS)
def test_trainer_help_lists_every_option_and_trains_nothing(trainer, tmp_path):
    result = run(PROGRAMS / trainer, "--help", cwd=tmp_path)
    assert result.returncode == 0 and result.stderr == ""
    for option in """epochs seed out threads backend paper small frames frame-every log-interval eval-interval all-epochs
            save-every quiet help version""".split():
        assert f"  --{option}" in result.stdout
    assert all(len(line) <= 100 and line == line.rstrip() for line in result.stdout.splitlines())
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("command", [[], ["simulate"], ["inspect"], ["backends"]])
def test_dlca_help(command, tmp_path):
    result = run(DLCA, *command, "--help", cwd=tmp_path)
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.startswith("usage: dlca")
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
    (["--backend", "cuda"], "--backend"),
    (["--batch", "0"], "--batch"),
    (["--rate", "fast"], "--rate"),
    (["--rate", "nan"], "--rate"),
    (["--harden-first", "1.5"], "--harden-first"),
    (["--repair", "-1"], "--repair"),
    (["--quiet=yes"], "--quiet takes no value"),
    (["--small", "run"], "unexpected argument 'run'"),
    (["--epochs", "5\n--seed"], "--epochs"),
]


@pytest.mark.parametrize("options, name", BAD_OPTIONS, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_options_are_refused(options, name, tmp_path):
    assert_refused(run(CHECKERBOARD, *options, cwd=tmp_path), tmp_path, name)


def test_only_the_checkerboard_is_asynchronous(tmp_path):
    assert_refused(run(PROGRAMS / "train_life", "--async", cwd=tmp_path), tmp_path, "unknown option '--async'")


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
    assert_refused(result, tmp_path, "log.csv", code=1)


@WRITES_ITSELF
def test_a_disk_that_fills_up_later_fails_the_run(tmp_path):
    def few_bytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    result = run(CHECKERBOARD, *SHORT, "--quiet", "--out", "run", cwd=tmp_path, preexec_fn=few_bytes)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 and "run/model.safetensors" in result.stderr
    # What was complete stays; nothing is half written, and no summary says that the run was finished.
    assert everything_in(tmp_path) == ["run", "run/log.csv"]


def test_out_is_created_or_used_when_empty(tmp_path):
    (tmp_path / "empty").mkdir()
    for out in ["empty", "deep/er"]:
        result = run(CHECKERBOARD, *SHORT, "--out", out, "--quiet", cwd=tmp_path)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert sorted(path.name for path in (tmp_path / out).iterdir()) == RUN_FILES


def test_runs_never_overwrite_each_other(tmp_path):
    command = [CHECKERBOARD, "--small", "--epochs", "5", "--quiet"]
    together = [subprocess.Popen(command, cwd=tmp_path) for _ in range(3)]
    assert [process.wait(timeout=300) for process in together] == [0, 0, 0]
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
    assert summary["proven_exact"] is None and summary["proven_hold"] is None
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
    assert process.wait(timeout=60) == 0
    live = shown.split(b"\n")[0]
    assert live.count(b"\repoch ") >= 2, "it is drawn over itself"
    assert b"ETA" in live and b"wrong cells" in live


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, *SHORT, "--log-interval", "1", "--out", "run"], cwd=tmp_path, stdout=subprocess.PIPE
    )
    process.stdout.close()
    assert process.wait(timeout=300) == 0
    assert (tmp_path / "run" / "summary.json").exists()


# ---- ending a run ----


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
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
    output, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    assert "interrupted: " in output and "everything was written" in output
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == RUN_FILES
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert 0 < summary["epochs_run"] < 1000000
    assert run(DLCA, "inspect", "run/model.safetensors", cwd=tmp_path).returncode == 0


def test_save_every_writes_the_model_on_the_way(tmp_path):
    process = subprocess.Popen(
        [CHECKERBOARD, "--small", "--all-epochs", "--epochs", "1000000", "--out", "run", "--save-every", "2", "--quiet"],
        cwd=tmp_path,
    )
    model = tmp_path / "run" / "model.safetensors"
    deadline = time.monotonic() + 60
    while not model.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait(timeout=60)
    result = run(DLCA, "inspect", model, cwd=tmp_path)
    assert result.returncode == 0, result.stderr


# ---- the same bytes ----


def test_threads_and_backends_give_the_same_bytes(tmp_path):
    usable = re.findall(r"^(\w+) +usable", run(DLCA, "backends", cwd=tmp_path).stdout, re.M)
    variants = [["--threads", n] for n in "123"] + [["--backend", name] for name in usable]
    sums = set()
    for number, variant in enumerate(variants):
        result = run(CHECKERBOARD, *SHORT, "--all-epochs", "--quiet", "--out", number, *variant, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        files = ["model.safetensors", "circuit.json", "rollout.gif"]
        sums.add(hashlib.sha256(b"".join((tmp_path / str(number) / name).read_bytes() for name in files)).hexdigest())
    assert len(sums) == 1


# ---- simulate ----


def test_simulate_repeats_the_rollout_of_the_run(finished, tmp_path):
    folder, _ = finished
    result = run(DLCA, "simulate", folder / "model.safetensors", "--frames", "--out", "run", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for frame in (folder / "frames").iterdir():
        assert frame.read_bytes() == (tmp_path / "run" / "frames" / frame.name).read_bytes()


def test_simulate_gives_the_same_from_model_and_circuit(finished, tmp_path):
    folder, _ = finished
    outputs = []
    for number, name in enumerate(["model.safetensors", "circuit.json"]):
        result = run(
            DLCA, "simulate", folder / name, "--width", 21, "--height", 13, "--steps", 30, "--seed", 9, "--periodic",
            "--async", "--fire-rate", 0.5, "--damage", "2,3,4,5@7", "--damage=0,0,1,1", "--gif", f"{number}.gif",
            "--save-state", f"{number}.png", "--frame-every", 3, cwd=tmp_path,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        assert "21x13 cells, periodic, asynchronous with fire rate 0.5, seed 9" in result.stdout
        assert "step 7, damaged" in result.stdout and "step 15, damaged" in result.stdout
        assert "step 30, the last" in result.stdout
        outputs.append([(tmp_path / f"{number}.{ending}").read_bytes() for ending in ["gif", "png"]])
    assert outputs[0] == outputs[1]
    png = outputs[0][1]
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (21, 13)


def test_simulate_counts_wrong_cells_where_there_is_a_target(finished, tmp_path):
    folder, _ = finished
    for name in ["model.safetensors", "circuit.json"]:
        result = run(DLCA, "simulate", folder / name, cwd=tmp_path)
        assert re.search(r"step \d+, the last: \d+ of 64 cells wrong", result.stdout), result.stdout
    assert everything_in(tmp_path) == []


BAD_SIMULATIONS = [
    (["--width", "0"], "--width"),
    (["--height", "70000"], "--height"),
    (["--steps", "0"], "--steps"),
    (["--steps", "x"], "--steps"),
    (["--seed", "-1"], "--seed"),
    (["--fire-rate", "0"], "--fire-rate"),
    (["--fire-rate", "1.5"], "--fire-rate"),
    (["--fire-rate", "nan"], "--fire-rate"),
    (["--damage", "1,2,3"], "--damage"),
    (["--damage", "1,2,3,0"], "--damage"),
    (["--damage", "1,2,3,4@"], "--damage"),
    (["--damage", "1,2,3,4@5x"], "--damage"),
    (["--damage", "-1,2,3,4"], "--damage"),
    (["--damage", "99,0,3,4"], "--damage"),
    (["--damage", "0,0,3,4@99999"], "--damage"),
    (["--damage", "0,0,3,99999999999"], "--damage"),
    (["--gif", "absent/file.gif"], "--gif"),
    (["--gif", "."], "--gif"),
    (["--gif", "a.gif", "--steps", "1000000"], "--gif"),
    (["--save-state", "absent/file.png"], "--save-state"),
    (["--frame-every", "0", "--frames"], "--frame-every"),
    (["--out", "/proc/run", "--frames"], "--out"),
    (["--perodic"], "did you mean --periodic?"),
]


@pytest.mark.parametrize("options, name", BAD_SIMULATIONS, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_simulations_are_refused(options, name, finished, tmp_path):
    folder, _ = finished
    assert_refused(run(DLCA, "simulate", folder / "model.safetensors", *options, cwd=tmp_path), tmp_path, name)


# ---- damaged and hostile files (the loader's own tests go through every byte) ----


def damaged_files(model, circuit):
    """Name and content of files that must be refused."""
    yield "empty", b""
    for size in [1, 7, 8, 9, 100, len(model) // 2, len(model) - 1]:
        yield f"model cut at {size}", model[:size]
    yield "model with a byte more", model + b"\0"
    for place in [0, 5, 8, 20, len(model) // 3, len(model) // 2, len(model) - 1]:
        yield f"model with byte {place} changed", model[:place] + bytes([model[place] ^ 4]) + model[place + 1 :]
    yield "a header of 2^63 bytes", (2**63).to_bytes(8, "little") + model[8:]
    yield "a hostile shape", b'\x60\0\0\0\0\0\0\0{"a":{"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,0]}}'.ljust(104)
    yield "noise", bytes(range(256)) * 4
    for size in [1, 10, len(circuit) // 2, len(circuit) - 3]:
        yield f"circuit cut at {size}", circuit[:size]
    yield "circuit of another version", re.sub(rb'("version": *)\d+', rb"\g<1>999", circuit)
    yield "circuit with text behind", circuit + b"x"


def test_damaged_files_are_refused(finished, tmp_path):
    folder, _ = finished
    model, circuit = (folder / "model.safetensors").read_bytes(), (folder / "circuit.json").read_bytes()
    for name, content in damaged_files(model, circuit):
        (tmp_path / "damaged").write_bytes(content)
        for command in ["inspect", "simulate"]:
            result = run(DLCA, command, "damaged", cwd=tmp_path)
            assert result.returncode == 2, f"{name}: {result.stdout}{result.stderr}"
            assert_refused(result, tmp_path, "damaged", before=["damaged"])


def test_a_folder_or_a_device_is_no_model(tmp_path):
    for path in ["/", "/dev/zero"]:
        assert_refused(run(DLCA, "inspect", path, cwd=tmp_path), tmp_path, path)


def test_inspect(finished, tmp_path):
    folder, _ = finished
    summary = json.loads((folder / "summary.json").read_text())
    for name in ["model.safetensors", "circuit.json"]:
        result = run(DLCA, "inspect", folder / name, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert "checked and sound" in result.stdout and "task: checkerboard, seed 1" in result.stdout
        assert f"gates: {summary['gates_total']} in the model, {summary['gates_active']} active" in result.stdout
    assert everything_in(tmp_path) == []
