"""test_verify.py - `dlca inspect --verify`, and files that a disk, a stranger or another version changed.

Leaves alone: the same in memory, for every bit of a model (test_model_file.c).
"""

import re
import shutil

import pytest
import xxhash

from programs import CHECKERBOARD, DLCA, assert_refused, run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    trained = run(CHECKERBOARD, "--small", "--epochs", "2", "--repair", "0", "--quiet", "--out", "run", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    return folder / "run" / "model.safetensors"


def verify(path, folder):
    return run(DLCA, "inspect", "--verify", path, cwd=folder)


def test_sound_files_are_said_to_be_sound(model, tmp_path):
    for name in ["model.safetensors", "circuit.json"]:
        result = verify(model.parent / name, tmp_path)
        assert result.returncode == 0 and result.stderr == ""
        assert re.fullmatch(rf"\S+{name}: sound: \d+ bytes, .*\n", result.stdout)


def seal(content):
    """The file with the checksum that belongs to it (docs/formats.md, 1.1)."""
    length = int.from_bytes(content[:8], "little")
    return content[:53] + xxhash.xxh3_128_hexdigest(content[85:], seed=length).encode() + content[85:]


def test_damage_versions_and_foreign_files_are_told_apart(model, tmp_path):
    content = model.read_bytes()
    assert seal(content) == content
    another = seal(content.replace(b'"version":"', b'"version":"9', 1).replace(b"  ", b" ", 1))
    for name, changed, said in [
        ("damaged", content[:1000] + bytes([content[1000] ^ 1]) + content[1001:], "damaged: "),
        ("cut", content[:-1], "damaged: "),
        ("foreign", b"\x89PNG\r\n\x1a\n" + bytes(100), "not a dlca model file"),
        ("newer", another, "version 9"),
    ]:
        (tmp_path / name).write_bytes(changed)
        assert_refused(verify(name, tmp_path), tmp_path, said, before=[name])
        (tmp_path / name).unlink()


def test_flipped_bits_of_a_file_are_damage(model, tmp_path):
    """A sample over the whole file, as the program sees it; test_model_file.c flips every bit of smaller ones."""
    content = bytearray(model.read_bytes())
    for bit in range(3, 8 * len(content), 8 * len(content) // 60):
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / "flipped").write_bytes(content)
        assert_refused(verify("flipped", tmp_path), tmp_path, "damaged: ", before=["flipped"])
        content[bit // 8] ^= 1 << bit % 8


def test_a_circuit_in_which_something_is_out_of_range_is_not_sound(model, tmp_path):
    text = (model.parent / "circuit.json").read_text()
    (tmp_path / "c.json").write_text(re.sub(r'"steps": \d+', '"steps": 0', text))
    assert_refused(verify("c.json", tmp_path), tmp_path, "steps", before=["c.json"])
    shutil.copy(model.parent / "circuit.json", tmp_path / "c.json")
    assert verify("c.json", tmp_path).returncode == 0
