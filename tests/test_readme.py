"""test_readme.py - every command that README.md shows works.

Commands of ./train_* and ./dlca are run, shortened where they would train for long; of `make` commands the targets are
checked. Leaves alone: what the commands print (test_cli.py).
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve()


def commands():
    for block in re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S):
        for line in block.splitlines():
            if line.strip():
                yield line


COMMANDS = list(commands())


def test_the_readme_shows_commands():
    assert "make run" in COMMANDS and "make test" in COMMANDS
    assert all(command.split()[0] in ("make", "./dlca") or command.startswith("./train_") for command in COMMANDS)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make")])
def test_make_targets_exist(command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    dry = subprocess.run(
        shlex.split(command) + ["-n"], cwd=ROOT, capture_output=True, text=True, timeout=600, env=environment
    )
    assert dry.returncode == 0, dry.stderr


def shortened(words):
    """The same command with less to do: the small model, a few epochs, a few starts."""
    if words[:2] == ["./dlca", "evaluate"]:
        return words + ["--starts", "64"]
    if words[:2] == ["./dlca", "sweep"]:
        return words + ["--epochs", "10"]
    if words[0] == "./dlca":
        return words
    if "--epochs" in words:
        at = words.index("--epochs")
        words = words[:at] + words[at + 2 :]
    return [word for word in words if word != "--small"] + ["--small", "--epochs", "10"]


def test_programs_run_in_the_order_shown(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "data")
    for command in COMMANDS:
        words = shlex.split(command)
        if words[0] == "make" or ("bench" in words and PROGRAMS.parent.name == "tsan"):  # whose times say nothing
            continue
        program = str(PROGRAMS / words[0])
        result = subprocess.run([program, *shortened(words)[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=1200)
        assert result.returncode == 0, f"{command}: {result.stderr}"
        for word in words:
            if word.endswith(".gif"):
                assert (tmp_path / word).read_bytes().startswith(b"GIF89a")


def test_the_options_table_names_every_option(tmp_path):
    shown = (ROOT / "README.md").read_text()
    trainers = sorted(path.stem for path in (ROOT / "train").glob("train_*.c"))
    for program, arguments in [(trainer, ["--help"]) for trainer in trainers] + [("dlca", ["simulate", "--help"])]:
        result = subprocess.run([PROGRAMS / program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=600)
        for option in re.findall(r"^  (--[a-z-]+)", result.stdout, re.M):
            assert option in shown, f"{option} of {program} is not in README.md"
