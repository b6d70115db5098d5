"""test_circuit_tools.py - what `dlca circuit` writes, judged by the programs that it is written for.

Five trained circuits and 200 random ones: C by gcc and clang, Verilog by Icarus (16 steps of a grid against
`dlca simulate`) and Yosys, BLIF and AIGER by ABC, the JSON netlist by Yosys, DOT by Graphviz, SVG as XML. Each program
is started once for all of them: starting is what takes the time. A test whose program is missing is skipped by its name.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import circuits
from programs import DLCA, PROGRAMS, everything_in, run

RANDOM = 200
FORMATS = ["c", "v", "blif", "aag", "aig", "dot", "svg", "yosys.json", "json", "md"]
STEPS, WIDTH, HEIGHT = 16, 5, 4
TRAINED = [
    ("train_checkerboard", "--epochs", 40), ("train_checkerboard", "--seed", 2, "--epochs", 40), ("train_life",),
    ("train_lizard", "--epochs", 30), ("train_colors", "--epochs", 30),
]  # fmt: skip

pytestmark = pytest.mark.skipif(PROGRAMS.name == "bin", reason="other programs judge the plain build's files only")


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed (make deps)")


def tool(*command, cwd, **more):
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=1200, **more)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def folder():
    """In memory where that can be: dlca flushes every file to the disk, and here are two thousand."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def exported(folder):
    """The folder with 0.c, 0.v, ... and the circuits that they should be, by number. The first are trained ones."""
    originals = []
    for number, (trainer, *options) in enumerate(TRAINED):
        made = run(PROGRAMS / trainer, "--small", "--quiet", *options, "--out", f"run{number}", cwd=folder)
        assert made.returncode == 0, made.stderr
        originals.append((f"run{number}/model.safetensors", []))
    for number in range(RANDOM):
        path = folder / f"random{number}.json"
        path.write_text(circuits.json.dumps(circuits.drawn(number)))
        originals.append((path.name, [] if number % 50 == 0 else ["--no-optimize"]))
    rules = []
    for number, (path, options) in enumerate(originals):
        files = [word for format in FORMATS for word in ("-o", f"{number}.{format}")]
        # With Graphviz on the PATH it draws the picture; that takes longer than all the rest.
        drawn = {} if number % 10 == 0 or not options else {"env": {"PATH": ""}}
        result = run(DLCA, "circuit", path, "--quiet", *options, *files, cwd=folder, **drawn)
        assert result.returncode == 0 and result.stdout == "", result.stderr
        rules.append(circuits.load(folder / f"{number}.json"))
    return folder, rules


def numbered(folder, number, format, new):
    """A copy in which names that begin with dlca_ begin with r<number>_: many modules in one run of a program."""
    text = (folder / f"{number}.{format}").read_text().replace("dlca_", f"r{number}_")
    (folder / new).write_text(text)
    return new


def splitmix(state):
    """SplitMix64, as in the C program below."""
    z = (state * 0x9E3779B97F4A7C15) & circuits.WORD
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & circuits.WORD
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & circuits.WORD
    return z ^ z >> 31


HARNESS = """
static unsigned long long splitmix(unsigned long long z) {
    z *= 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
}
int main(void) {
    static unsigned long long in[9216], out[1024];
    for (unsigned i = 0; i < 9216; i++) {
        in[i] = splitmix(i + 1);
    }
"""


@pytest.mark.parametrize("compiler", [pytest.param(name, marks=needs(name)) for name in ["gcc", "clang"]])
def test_c_compiles_without_a_warning_and_computes_the_same(compiler, exported):
    folder, rules = exported
    lines = ["#include <stdio.h>", "#define DLCA_NO_MAIN"]
    for number in range(len(rules)):
        lines += ["#undef DLCA_NAME", f"#define DLCA_NAME(name) r{number}_##name"]
        if rules[number]["asynchronous"]:
            lines += ["#undef DLCA_FIRE"]
        lines += [f'#include "{number}.c"']
    lines.append(HARNESS)
    for number, rule in enumerate(rules):
        lines.append(f"    r{number}_cell(in, out);")
        lines.append(f'    for (int i = 0; i < {rule["channels"]}; i++) printf("%016llx ", out[i]);\n    puts("");')
    lines.append("    return 0;\n}\n")
    (folder / "harness.c").write_text("\n".join(lines))
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    tool(compiler, *strict, "-O1" if compiler == "gcc" else "-O0", "harness.c", "-o", f"harness_{compiler}", cwd=folder)
    printed = tool(folder / f"harness_{compiler}", cwd=folder).splitlines()
    inputs = [splitmix(i + 1) for i in range(9216)]
    for rule, line in zip(rules, printed, strict=True):
        expected = circuits.outputs(rule, inputs[: rule["inputs"]])
        assert [int(word, 16) for word in line.split()] == expected


@needs("gcc")
@pytest.mark.parametrize("word", ["unsigned long long", "unsigned char", "vector"])
def test_the_small_program_steps_a_grid_with_words_of_any_width(word, exported):
    folder, _ = exported
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1"]
    if word == "vector":
        (folder / "vector.h").write_text("typedef unsigned long long vector __attribute__((vector_size(64)));\n")
        tool("gcc", *strict, "-include", "vector.h", "-Wno-psabi", "-DDLCA_WORD=vector", "-DDLCA_NO_MAIN", "-c", "0.c",
             "-o", "vector.o", cwd=folder)  # fmt: skip
        return
    tool("gcc", *strict, f"-DDLCA_WORD={word}", "0.c", "-o", "small", cwd=folder)
    lines = tool(folder / "small", 10, 12, 9, 3, cwd=folder).splitlines()
    assert len(lines) == 9 and all(re.fullmatch("[01]{12}", line) for line in lines)


# ---- Verilog ----


def safetensors(tensor, shape, data, metadata):
    header = {"__metadata__": metadata, tensor: {"dtype": "U8", "shape": shape, "data_offsets": [0, len(data)]}}
    text = circuits.json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def start_of(number, rule):
    """Bits [channel][y][x] that look like noise."""
    cells = WIDTH * HEIGHT
    return [splitmix(number * 100000 + i + 1) & 1 for i in range(rule["channels"] * cells)]


def state_file(rule, bits):
    rows, data = [bits[i : i + WIDTH] for i in range(0, len(bits), WIDTH)], b""
    for row in rows:
        data += sum(bit << x for x, bit in enumerate(row)).to_bytes((WIDTH + 7) // 8, "little")
    shape = [rule["channels"], HEIGHT, (WIDTH + 7) // 8]
    return safetensors("state", shape, data, {"format": "dlca-state", "version": "1", "width": str(WIDTH), "step": "0"})


def bits_of_state_file(data):
    front = int.from_bytes(data[:8], "little")
    rows = data[8 + front :]
    return [byte >> x & 1 for byte in rows for x in range(WIDTH)]


def verilog_number(rule, bits):
    """Bit cell * channels + channel of the state, as the grid's module has it."""
    cells, channels = WIDTH * HEIGHT, rule["channels"]
    return sum(bits[c * cells + cell] << (cell * channels + c) for c in range(channels) for cell in range(cells))


def bench(number, rule):
    size = WIDTH * HEIGHT * rule["channels"]
    start = verilog_number(rule, start_of(number, rule))
    fire = f".fire({{{WIDTH * HEIGHT}{{1'b1}}}}), " if rule["asynchronous"] else ""
    return (
        f"    wire [{size - 1}:0] state{number};\n"
        f"    r{number}_grid #(.WIDTH({WIDTH}), .HEIGHT({HEIGHT}), .WRAP({int(rule['periodic'])}), "
        f".RESET({size}'h{start:x})) grid{number}(.clock(clock), .reset(reset), {fire}.state(state{number}));\n"
    )


@needs("iverilog")
def test_verilog_runs_16_steps_as_our_simulation_does(exported):
    folder, rules = exported
    chosen = [number for number, rule in enumerate(rules) if rule["channels"] <= 8]
    files = [numbered(folder, number, "v", f"n{number}.v") for number in chosen]
    text = "module bench;\n    reg clock = 0, reset = 1;\n" + "".join(bench(n, rules[n]) for n in chosen)
    text += "    initial begin\n        #1 clock = 1; #1 clock = 0; reset = 0;\n"
    text += f"        repeat ({STEPS}) begin #1 clock = 1; #1 clock = 0; end\n        #1;\n"
    text += "".join(f'        $display("%h", state{number});\n' for number in chosen) + "    end\nendmodule\n"
    (folder / "bench.v").write_text(text)
    tool("iverilog", "-g2005", "-Wall", "-Wno-timescale", "-o", "bench.vvp", "bench.v", *files, cwd=folder)
    printed = tool("vvp", "-n", "bench.vvp", cwd=folder).split()
    for number, line in zip(chosen, printed, strict=True):
        rule = rules[number]
        (folder / "start.safetensors").write_bytes(state_file(rule, start_of(number, rule)))
        tool(DLCA, "simulate", f"{number}.json", "--state", "start.safetensors", "--steps", STEPS, "--no-async", "--quiet",
             "--save-state", "end.safetensors", cwd=folder)  # fmt: skip
        ours = bits_of_state_file((folder / "end.safetensors").read_bytes())
        assert int(line, 16) == verilog_number(rule, ours), number


def yosys_to_blif(folder, numbers, commands, front):
    """One run of Yosys: for each number the commands on an empty design, then what they made as <front><number>.blif."""
    lines = [f"design -reset\n{commands(number)}\ncheck -assert\nwrite_blif {front}{number}.blif\n" for number in numbers]
    (folder / f"{front}.ys").write_text("".join(lines))
    tool("yosys", "-q", f"{front}.ys", cwd=folder)


def assert_comes_back(folder, number, path):
    result = run(DLCA, "circuit", path, "--original", f"{number}.json", "--no-optimize", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert f"verified: the same as {number}.json" in result.stdout


# Synthesis takes Yosys 70 ms a circuit; DLCA_TEST_ALL=1 asks for all of them. The grid of the trained size would take it
# far longer and is made of cells: one small grid stands for all.
@needs("yosys")
def test_yosys_synthesizes_the_verilog_and_the_result_comes_back(exported):
    folder, rules = exported
    numbers = range(0, len(rules), 1 if os.environ.get("DLCA_TEST_ALL") else 5)
    yosys_to_blif(folder, numbers, lambda n: f"read_verilog {n}.v\ndelete dlca_grid\nsynth -noabc -top dlca_cell", "synth")
    for number in numbers:
        assert_comes_back(folder, number, f"synth{number}.blif")
    script = "read_verilog 5.v\nchparam -set WIDTH 3 -set HEIGHT 3 dlca_grid\nsynth -top dlca_grid\ncheck -assert\n"
    (folder / "grid.ys").write_text(script)
    tool("yosys", "-q", "grid.ys", cwd=folder)


@needs("yosys")
def test_yosys_reads_the_netlist_json_and_it_comes_back(exported):
    folder, rules = exported
    yosys_to_blif(folder, range(len(rules)), lambda n: f"read_json {n}.yosys.json", "json")
    for number in range(0, len(rules), 5):
        assert_comes_back(folder, number, f"json{number}.blif")


# ---- ABC ----


def assert_equivalent(folder, pairs):
    (folder / "cec.abc").write_text("".join(f"cec {left} {right}\n" for left, right in pairs))
    printed = tool("berkeley-abc", "-f", "cec.abc", cwd=folder)
    assert printed.count("Networks are equivalent") == len(pairs), printed[-2000:]


@needs("berkeley-abc")
def test_abc_finds_blif_and_aiger_equivalent(exported):
    folder, rules = exported
    assert_equivalent(folder, [(f"{number}.blif", f"{number}.aig") for number in range(len(rules))])


@needs("berkeley-abc")
def test_abc_finds_a_changed_gate(exported):
    folder, rules = exported
    rule = dict(rules[0])
    rule["outputs"] = rule["outputs"][1:] + rule["outputs"][:1]
    (folder / "changed.json").write_text(circuits.json.dumps(rule))
    tool(DLCA, "circuit", "changed.json", "--no-optimize", "--quiet", "-o", "changed.blif", cwd=folder)
    (folder / "changed.abc").write_text("cec 0.blif changed.blif\n")
    assert "Networks are equivalent" not in tool("berkeley-abc", "-f", "changed.abc", cwd=folder)


# ABC reads no AIGER of the text form.
@needs("berkeley-abc")
@needs("yosys")
def test_aiger_text_through_yosys_is_equivalent(exported):
    folder, rules = exported
    yosys_to_blif(folder, range(len(rules)), lambda n: f"read_aiger -module_name cell {n}.aag", "aag")
    assert_equivalent(folder, [(f"{n}.blif", f"aag{n}.blif") for n in range(len(rules))])


@needs("berkeley-abc")
def test_what_abc_improved_comes_back_is_verified_and_runs(exported):
    folder, rules = exported
    script = "".join(f"read_blif {n}.blif; strash; dch; balance; write_aiger abc{n}.aig; logic; write_blif abc{n}.blif\n"
                     for n in range(0, len(rules), 10))  # fmt: skip
    (folder / "improve.abc").write_text(script)
    tool("berkeley-abc", "-f", "improve.abc", cwd=folder)
    for number in range(0, len(rules), 10):
        for ending in ["aig", "blif"]:
            result = run(DLCA, "circuit", f"abc{number}.{ending}", "--original", f"{number}.json", "--no-optimize",
                         "-o", "back.json", cwd=folder)  # fmt: skip
            assert result.returncode == 0, result.stderr
            assert "verified: the same as" in result.stdout
        back = circuits.load(folder / "back.json")
        assert back["task"] == rules[number]["task"] and back["steps"] == rules[number]["steps"]
        assert run(DLCA, "simulate", "back.json", "--quiet", cwd=folder).returncode == 0


# ---- pictures ----


@needs("dot")
def test_graphviz_reads_the_graphs(exported):
    folder, rules = exported
    # -Tcanon reads and checks; layouts of the trained ones too.
    tool("dot", "-Tcanon", "-O", *[f"{number}.dot" for number in range(len(rules))], cwd=folder)
    tool("dot", "-Tsvg", "-O", "0.dot", "1.dot", "2.dot", cwd=folder)


def texts_of(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def names_in(rule):
    return ["next"] if rule["channels"] == 1 else [f"next {i}" for i in range(rule["channels"])]


@pytest.mark.parametrize("graphviz", [pytest.param(True, marks=needs("dot")), False])
def test_svg_is_xml_that_names_inputs_operations_and_outputs(graphviz, exported):
    folder, rules = exported
    for number in range(0, len(rules), 10):
        tool(DLCA, "circuit", f"{number}.json", "--no-optimize", "--quiet", "-o", "own.svg", cwd=folder,
             env={"PATH": ""})  # fmt: skip
        path = folder / (f"{number}.svg" if graphviz else "own.svg")
        texts = texts_of(path)
        assert f"<!-- dlca: {rules[number]['task']}, seed {rules[number]['seed']}, " in path.read_text()
        assert set(names_in(rules[number])) <= set(texts)
    life = next(number for number, rule in enumerate(rules) if rule["task"] == "life")
    assert {"nw", "n", "ne", "w", "c", "e", "sw", "s", "se", "next"} <= set(texts_of(folder / f"{life}.svg"))


def test_boxes_of_our_own_layout_do_not_overlap(exported):
    folder, rules = exported
    for number in range(0, len(rules), 12):
        tool(DLCA, "circuit", f"{number}.json", "--no-optimize", "--quiet", "-o", "own.svg", cwd=folder, env={"PATH": ""})
        root = ElementTree.parse(folder / "own.svg").getroot()
        boxes = [box for box in root.iter("{http://www.w3.org/2000/svg}rect") if box.get("x")]
        places = sorted((float(box.get("x")), float(box.get("y")), float(box.get("height"))) for box in boxes)
        for (x, y, height), (next_x, next_y, _) in zip(places, places[1:]):
            assert x != next_x or y + height <= next_y, number


def test_markdown_has_facts_and_expressions(exported):
    folder, rules = exported
    for number in (0, 7):
        text = (folder / f"{number}.md").read_text()
        assert f"| task, seed | {rules[number]['task']}, {rules[number]['seed']} |" in text
        assert "next_0 = " in text and "## Operations" in text


# ---- what people type ----


def refused(result, message):
    assert result.returncode == 2 and result.stdout == "", result.stderr
    assert result.stderr.count("\n") == 1 and message in result.stderr, result.stderr


def test_bad_input_is_refused_in_one_line_and_leaves_nothing(exported, tmp_path):
    folder, _ = exported
    good = folder / "0.json"
    (tmp_path / "bad.blif").write_text(".model m\n.inputs a\n.outputs y\n.names x y\n1 1\n.names y x\n1 1\n.end\n")
    (tmp_path / "bad.aig").write_bytes(b"aig 3 2 0 1 1\n6\n\2")
    (tmp_path / "two.blif").write_text(".model m\n.inputs a b\n.outputs a\n.end\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    cases = [
        ([good, "-o", "x.txt"], ".c .v .blif .aag .aig .dot .svg .yosys.json .json .md"),
        ([good, "-o", "missing/x.c"], "missing/x.c"),
        ([good, "-o", "ok.c", "-o", "/x/y.c"], "/x/y.c"),
        ([good, "-o"], "--output needs a value"),
        ([good, "-x"], "unknown option '-x'"),
        (["bad.blif", "-o", "x.json"], "has a cycle"),
        (["bad.aig", "-o", "x.json"], "ends too early"),
        (["two.blif", "-o", "x.json"], "1 channels need 9 inputs"),
        (["nothing.aig"], "nothing.aig"),
        ([good, "--original", folder / "2.json", "-o", "x.json"], "bits"),
        ([folder / "6.json", "--original", folder / "8.json", "-o", "x.json"], "is another rule"),
    ]
    for arguments, message in cases:
        refused(run(DLCA, "circuit", *arguments, cwd=tmp_path), message)
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_prove_catches_every_changed_gate(folder):
    inputs = [sum((at >> i & 1) << (at % 64) for at in range(64 * word, 64 * word + 64)) for word in range(8) for i in range(9)]
    words = [inputs[9 * word : 9 * word + 9] for word in range(8)]
    for seed in range(0, 100, 2):
        rule = circuits.drawn(seed)
        rule["gates"] = (rule["gates"] + [[6, i, i + 1] for i in range(30)])[:30]
        rule["outputs"] = [9 + 29]
        changed = circuits.json.loads(circuits.json.dumps(rule))
        changed["gates"][seed * 7 % 30][0] ^= 1 + seed % 15
        differs = any(circuits.outputs(rule, word) != circuits.outputs(changed, word) for word in words)
        (folder / "right.json").write_text(circuits.json.dumps(rule))
        (folder / "changed.json").write_text(circuits.json.dumps(changed))
        result = run(DLCA, "circuit", "changed.json", "--original", "right.json", "--prove", "--no-optimize",
                     "-o", "never.blif", cwd=folder, env={"PATH": ""})  # fmt: skip
        assert result.returncode == (2 if differs else 0), (seed, result.stderr)
        assert (folder / "never.blif").exists() != differs
        (folder / "never.blif").unlink(missing_ok=True)


def test_prove_says_what_is_proven(exported):
    folder, _ = exported
    result = run(DLCA, "circuit", "run0/model.safetensors", "--prove", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert re.search("^(proven|not proven): ", result.stdout, re.M)


HOSTILE_TASKS = ['*/ int x; "`--> \\', "</script><b>", "$(touch here)", "a\n#error b\r", "-- \u202eend", "';drop|\\\n",
                 "]]>&quot;", "??/\n int"]  # fmt: skip


@pytest.mark.parametrize("task", HOSTILE_TASKS)
def test_a_hostile_task_name_compiles_to_nothing(task, tmp_path):
    rule = circuits.drawn(3, task=task)
    (tmp_path / "hostile.json").write_text(circuits.json.dumps(rule))
    files = [word for format in FORMATS for word in ("-o", f"h.{format}")]
    result = run(DLCA, "circuit", "hostile.json", "--quiet", *files, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    ElementTree.parse(tmp_path / "h.svg")
    assert circuits.load(tmp_path / "h.json")["task"] == rule["task"]
    assert everything_in(tmp_path) == sorted(["hostile.json"] + [f"h.{format}" for format in FORMATS])
    if shutil.which("gcc"):
        tool("gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "h.c", cwd=tmp_path)


def test_a_task_name_does_not_steer_the_terminal(tmp_path):
    rule = circuits.drawn(3, task="\x1b]0;x\x07\n\u009b2J\x7f\u00e9")
    (tmp_path / "hostile.json").write_text(circuits.json.dumps(rule))
    for command in [["inspect"], ["circuit"], ["simulate", "--steps", "1"], ["evaluate"], ["prove"]]:
        result = run(DLCA, command[0], "hostile.json", *command[1:], cwd=tmp_path)
        said = result.stdout + result.stderr
        assert not set(said) & set("\x1b\x07\x7f\u009b\r"), (command, said)
        assert "\n2J" not in said and "\n\u009b" not in said


def test_the_report_tells_what_changed(exported):
    folder, rules = exported
    result = run(DLCA, "circuit", "run2/model.safetensors", "--explain", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert re.search(r"^before: \d+ gates, .* depth \d+$", result.stdout, re.M)
    assert "channel 0 (scored): 9 inputs: nw_0 n_0" in result.stdout
    assert "verified: the same as before, all outputs on all 512 neighbourhoods" in result.stdout
    assert "c_0 is 0, 3 of them are 1; c_0 is 1, 2 or 3 of them are 1" in result.stdout
