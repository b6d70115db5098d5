"""test_evaluate.py - ./dlca evaluate: the whole table, the page, what it refuses.

Leaves alone: whether the figures are right (test_evaluation.c).
"""

import json
import re

import pytest

from programs import CHECKERBOARD, DLCA, SHORT, assert_refused, everything_in, run

# Two gates that make squares: dlca circuit --shrink of seed 3.
SQUARES = {
    "format": "dlca-circuit", "version": 1, "task": "checkerboard", "seed": 3, "height": 16, "width": 16, "channels": 8,
    "scored_channels": 1, "steps": 20, "periodic": False, "asynchronous": False, "fire_rate": 1, "gates_total": 3040,
    "gates_active": 158, "inputs": 72, "gates": [[8, 3, 67], [7, 19, 72]],
    "outputs": [73, 33, 34, 16, 36, 37, 38, 39],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "squares.json").write_text(json.dumps(SQUARES))
    return tmp_path


def table_of(text):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    assert all(len(row) == 7 for row in rows)
    return {row[0]: row[1:] for row in rows}


def test_the_whole_table(folder):
    result = run(DLCA, "evaluate", "squares.json", cwd=folder)
    assert result.returncode == 0, result.stderr
    table = table_of(result.stdout)
    assert table["scenario"] == ["steps", "right", "wrong cells", "half right", "all right", "holds"]
    assert table["further steps"] == ["1020", "256/256", "0.00", "from 16", "from 16", "1000 (all)"]
    assert table["grid 64x64"][1:] == ["256/256", "0.00", "from 64", "from 64", "-"]
    assert table["grid 100x37"][1:] == ["0/256, shifted 256", "1.00", "no", "no", "-"]
    for name in ("a block randomised", "10 % of the cells flipped", "2 % of the cells stuck"):
        assert f"damage: {name}" in table
    assert len([name for name in table if name.startswith("start: ")]) == 4
    assert run(DLCA, "evaluate", "squares.json", cwd=folder).stdout == result.stdout


def test_the_page_has_the_table_and_curves_and_asks_no_network(folder):
    result = run(DLCA, "evaluate", "squares.json", "--starts", "64", "--report", "page.html", cwd=folder)
    assert result.returncode == 0, result.stderr
    page = (folder / "page.html").read_text()
    for name in list(table_of(result.stdout))[1:]:
        assert f"<th>{name}</th>" in page
    assert page.count("<polyline") == 3 + 3 + 3 and "NaN" not in page and "nan" not in page
    assert not re.search(r'(src|href)="?http', page)


def test_asynchronous_rules_are_tried_at_other_firing_rates(tmp_path):
    assert run(CHECKERBOARD, *SHORT, "--async", "--out", "r", cwd=tmp_path).returncode == 0
    result = run(DLCA, "evaluate", "r/model.safetensors", "--starts", "1", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rates = [name.split()[-1] for name in table_of(result.stdout) if name.startswith("firing rate")]
    assert rates == ["0.3", "0.45", "0.6", "0.8", "1"]
    page = (tmp_path / "r" / "report.html").read_text()
    assert "Beyond training" in page and "<th>firing rate 0.3</th>" in page


@pytest.mark.parametrize(
    "arguments, name",
    [
        ([], "an argument is missing; usage: dlca evaluate MODEL"),
        (["absent.json"], "absent.json"),
        (["squares.json", "--starts", "0"], "--starts: '0' is out of range"),
        (["squares.json", "--start", "1"], "did you mean --starts?"),
        (["squares.json", "--report", ""], "--report"),
    ],
)
def test_bad_input_is_refused(arguments, name, folder):
    assert_refused(run(DLCA, "evaluate", *arguments, cwd=folder), folder, name, before=["squares.json"])


def test_a_page_that_cannot_be_written_fails(folder):
    result = run(DLCA, "evaluate", "squares.json", "--starts", "1", "--report", "absent/page.html", cwd=folder)
    assert result.returncode == 1 and "absent/page.html" in result.stderr
    assert everything_in(folder) == ["squares.json"]
