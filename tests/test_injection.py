"""test_injection.py - a file from a stranger puts no code into what is made of it: exports, drawings, reports.

Task names are the only words of a circuit.json that exports show; a checkpoint also has options and a palette. The C library's
tests of the same are test_export.c and test_report.c; here the files go through the programs, and other programs read
what comes out. Leaves alone: files that are damaged (test_verify.py).
"""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest
import xxhash

from programs import CHECKERBOARD, DLCA, PROGRAMS, ROOT, run

NAMES = ["*/ int evil; /*", "</svg><script>evil()</script>", "--><script>evil()</script>", "`include \"evil\"", "$(touch evil)",
         "evil\nmodule evil; endmodule", "\\\nint evil;", "??/\nint evil;", "\u2028evil()", "\x1b]0;evil\x07", "]]>&evil;<b>",
         "a\" evil=\"b", "| evil"]  # fmt: skip
FORMATS = ["c", "v", "blif", "aag", "aig", "dot", "svg", "yosys.json", "json", "md"]


@pytest.fixture(scope="module")
def circuit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("circuit")
    trained = run(CHECKERBOARD, "--small", "--epochs", "2", "--repair", "0", "--quiet", "--out", "run", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    return (folder / "run" / "circuit.json").read_text()


def elements(text):
    return sorted({element.tag.split("}")[1] for element in xml.etree.ElementTree.fromstring(text).iter()})


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_task_name_stays_a_name(name, circuit, tmp_path):
    """Each export has the same words of its language as that of a harmless name."""
    facts = json.loads(circuit)
    for task, folder in [("harmless", "a"), (name, "b")]:
        (tmp_path / folder).mkdir()
        facts["task"] = task
        (tmp_path / folder / "c.json").write_text(json.dumps(facts))
        outputs = [word for kind in FORMATS for word in ("-o", f"x.{kind}")]
        result = run(DLCA, "circuit", "c.json", "--quiet", *outputs, cwd=tmp_path / folder)
        assert result.returncode == 0 and "\x1b" not in result.stdout + result.stderr, result.stderr
    made = tmp_path / "b"
    assert elements((made / "x.svg").read_text()) == elements((tmp_path / "a" / "x.svg").read_text())
    assert json.loads((made / "x.json").read_text())["task"] == name
    json.loads((made / "x.yosys.json").read_text())
    for kind, word in [("c", rb"\bint evil"), ("v", rb"\n *(module evil|`include)"), ("md", rb"<script|<b>"), ("svg", rb"<script")]:
        assert not re.search(word, (made / f"x.{kind}").read_bytes()), kind
    for program, *words in [["gcc", "-std=c99", "-Wall", "-Werror=comment", "-Wtrigraphs", "-c", "x.c", "-o", "x.o"],
                            ["iverilog", "-g2005", "-tnull", "x.v"], ["dot", "-Tcanon", "-o", "x.canon", "x.dot"]]:  # fmt: skip
        if shutil.which(program):
            said = subprocess.run([program, *words], cwd=made, capture_output=True, text=True, timeout=600, check=False)
            assert said.returncode == 0, (program, said.stderr)
    if shutil.which("nm") and (made / "x.o").exists():
        symbols = subprocess.run(["nm", "-g", "x.o"], cwd=made, capture_output=True, text=True, check=True).stdout
        assert "evil" not in symbols
    assert not list(tmp_path.rglob("evil")), "a command was run"


def scripts_and_tags(page):
    """Of a page: how many scripts, and which elements."""
    return len(re.findall("<script", page)), sorted(set(re.findall(r"<([a-z0-9]+)", page)))


def test_the_notes_of_a_checkpoint_stay_out_of_its_report(tmp_path):
    """Whoever goes on with a stranger's run gets a report of it: nothing that the checkpoint says becomes markup."""
    shutil.copy(ROOT / "data" / "mushroom.png", tmp_path / ("x" * 40))
    image = PROGRAMS / "train_image"
    begun = run(image, "--target", "x" * 40, "--size", "6", "--small", "--epochs", "3", "--quiet", "--out", "run", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    checkpoint, report = tmp_path / "run" / "checkpoint.safetensors", tmp_path / "run" / "report.html"
    content, tags = checkpoint.read_bytes(), scripts_and_tags(report.read_text())
    palette = re.search(rb'"note.image.palette":"([0-9a-f]{6})', content).group(1)
    length = int.from_bytes(content[:8], "little")
    for old, new, accepted in [(b"x" * 40, b"<script>evil()</script>".ljust(40, b"x"), (0,)), (palette, b"\\\"><b>", (0, 2))]:
        assert content.count(old) >= 1
        forged = content.replace(old, new)
        forged = forged[:53] + xxhash.xxh3_128_hexdigest(forged[85:], seed=length).encode() + forged[85:]
        checkpoint.write_bytes(forged)
        result = run(image, "--resume", "run", "--epochs", "5", "--quiet", cwd=tmp_path)
        assert result.returncode in accepted, result.stderr
        assert scripts_and_tags(report.read_text()) == tags
