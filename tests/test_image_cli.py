"""test_image_cli.py - ./train_image as a user runs it: pictures that learn, pictures and options that are refused.

Pictures are written here, byte by byte. Leaves alone: decoding and colours (test_picture.c), options of every trainer
(test_cli.py).
"""

import struct
import zlib

import pytest

from programs import DLCA, PROGRAMS, RUN_FILES, assert_refused, everything_in, run

TRAIN = PROGRAMS / "train_image"
SHORT = ["--small", "--epochs", "5", "--out", "run"]


def png(width, height, colour_of, declared=None):
    """An RGB PNG file; `declared` are other sizes than the true ones."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"".join(bytes(colour_of(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", *(declared or (width, height)), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def corner(x, y):
    """A red corner, a blue dot, the rest white."""
    return (200, 30, 30) if x + y < 5 else (20, 40, 220) if (x, y) == (6, 6) else (255, 255, 255)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "corner.png").write_bytes(png(8, 8, corner))
    return tmp_path


def test_a_picture_trains_and_its_files_are_there(folder):
    result = run(TRAIN, "--target", "corner.png", *SHORT, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "read: corner.png, 8x8 pixels" in result.stdout
    assert "target: 8x8 cells in 3 colours, 2 bits per cell" in result.stdout
    assert "bits per cell: 32 (--channels)" in result.stdout and "rollout: 7 steps (--steps) from zeros" in result.stdout
    assert sorted(path.name for path in (folder / "run").iterdir()) == sorted(RUN_FILES + ["target.png"])
    report = (folder / "run" / "report.html").read_text()
    assert '"palette":["#ffffff","#c81e1e","#1428dc","#808080"]' in report
    assert "corner.png" in report


def test_the_model_is_understood_by_the_other_commands(folder):
    assert run(TRAIN, "--target", "corner.png", *SHORT, "--start", "seed", "--quiet", cwd=folder).returncode == 0
    model = "run/model.safetensors"
    simulated = run(DLCA, "simulate", model, "--gif", "out.gif", cwd=folder)
    assert simulated.returncode == 0, simulated.stderr
    assert "cells wrong" in simulated.stdout
    assert b"\xc8\x1e\x1e" in (folder / "out.gif").read_bytes()[:2000], "the picture's own red is in the colour table"
    inspected = run(DLCA, "inspect", model, cwd=folder)
    assert inspected.returncode == 0 and "task: image" in inspected.stdout
    evaluated = run(DLCA, "evaluate", model, cwd=folder)
    assert evaluated.returncode == 0, evaluated.stderr


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--size", "12", "--colors", "2"], "target: 12x12 cells in 2 colours, 1 bit per cell"),
        (["--colors", "1"], "in 2 colours, 1 bit per cell"),
        (["--start", "seed", "--periodic"], "rollout: 8 steps (--steps) from seed (--start), periodic"),
        (["--async", "--start", "random"], "rollout: 18 steps (--steps) from random (--start), outside reads 0, async"),
        (["--steps", "9", "--channels", "40"], "bits per cell: 40 (--channels)"),
    ],
)
def test_options_do_what_they_say(options, expected, folder):
    result = run(TRAIN, "--target", "corner.png", *SHORT, *options, "--repair", "0", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout


BAD_OPTIONS = [
    ([], "--target is missing; accepted:"),
    (["--target", "corner.png", "--size", "2"], "--size: '2' is out of range; accepted: a whole number from 3"),
    (["--target", "corner.png", "--size", "5000"], "--size: '5000' is out of range"),
    (["--target", "corner.png", "--size", "100"], "--size: 100x100 cells cost about"),
    (["--target", "corner.png", "--colors", "9"], "--colors: '9' is no number of colours; accepted: auto, or 1 to 8"),
    (["--target", "corner.png", "--colors", "some"], "--colors: 'some'"),
    (["--target", "corner.png", "--colors", "3", "--channels", "1"], "--channels: 1 is too few"),
    (["--target", "corner.png", "--start", "middle"], "--start: 'middle' is no start; accepted: zeros, seed or random"),
    (["--target", "corner.png", "--periodic"], "--periodic: without a border"),
    (["--target", "corner.png", "--steps", "0"], "--steps"),
    (["--target", "nowhere.png"], "nowhere.png: cannot be opened"),
    (["--target", "."], "is a folder"),
    (["--target", "corner.png", "--sized", "8"], "did you mean --size?"),
]


@pytest.mark.parametrize("options, name", BAD_OPTIONS, ids=lambda value: " ".join(value) if type(value) is list else "")
def test_bad_options_are_refused(options, name, folder):
    assert_refused(run(TRAIN, *options, cwd=folder), folder, name, before=["corner.png"])


BAD_PICTURES = {
    "text.png": (b"this is text", "is no picture"),
    "nothing.png": (b"", "is no picture"),
    "zero.png": (png(1, 1, corner, declared=(0, 1)), "is 0x1 pixels"),
    "huge.png": (png(1, 1, corner, declared=(20000, 20)), "is 20000x20 pixels; accepted: at most 16384 a side"),
    "cut.png": (png(8, 8, corner)[:-20], "cut off"),
    "white.png": (png(8, 8, lambda x, y: (255, 255, 255)), "has one colour only"),
    "ribbon.png": (png(300, 2, corner), "at least 3, see --size"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_bad_pictures_are_refused(name, tmp_path):
    content, message = BAD_PICTURES[name]
    (tmp_path / name).write_bytes(content)
    result = run(TRAIN, "--target", name, cwd=tmp_path)
    assert_refused(result, tmp_path, message, before=[name])
    assert f"train_image: {name}: " in result.stderr and "accepted: " in result.stderr


def test_nothing_is_trained_for_help(tmp_path):
    assert "--target FILE" in run(TRAIN, "--help", cwd=tmp_path).stdout
    assert everything_in(tmp_path) == []
