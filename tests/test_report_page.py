"""test_report_page.py - report.html as a browser sees it: balanced tags, sound drawings, data that is there, no network.

Leaves alone: how it looks (that takes eyes), the parts of the page (test_report.c).
"""

import base64
import json
import os
import re
import subprocess
import xml.etree.ElementTree as xml
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (ROOT / os.environ.get("DLCA_PROGRAMS", ".")).resolve()
VOID = {"meta", "input", "br", "link", "img"}


class Balance(HTMLParser):
    """Every tag that is opened is closed, in order; nothing points outside the page."""

    def __init__(self):
        super().__init__()
        self.open, self.identifiers = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert name not in ("src", "href", "onload") and "//" not in (value or ""), (tag, name, value)
            if name == "id":
                self.identifiers.append(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}>"


@pytest.fixture(scope="module", params=[["checkerboard"], ["checkerboard", "--async"], ["life"], ["colors"]], ids=" ".join)
def page(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    task, *more = request.param
    command = [PROGRAMS / f"train_{task}", "--small", "--epochs", "5", "--eval-interval", "1", "--quiet", "--out", "run"]
    result = subprocess.run(command + more, cwd=folder, capture_output=True, text=True, timeout=1200)
    assert result.returncode == 0, result.stderr
    return (folder / "run" / "report.html").read_text(encoding="utf-8"), json.loads(
        (folder / "run" / "summary.json").read_text()
    )


def test_tags_are_balanced_and_names_unique(page):
    parser = Balance()
    parser.feed(page[0])
    parser.close()
    assert parser.open == []
    assert len(parser.identifiers) == len(set(parser.identifiers))


def test_drawings_are_sound_xml(page):
    drawings = re.findall(r"<svg.*?</svg>", page[0], re.S)
    assert len(drawings) >= 4
    for drawing in drawings:
        xml.fromstring(drawing)


def test_there_is_no_network(page):
    assert not re.search(r"https?:|src=|url\(|@import|fetch\(|XMLHttpRequest", page[0])


def test_every_number_of_the_summary_is_shown(page):
    for name in page[1]:
        assert f"<th>{name}</th>" in page[0]


def test_the_rollout_is_whole(page):
    data = json.loads(re.search(r'id="rollout-data">(.*?)</script>', page[0], re.S).group(1))
    assert data["trained"] == page[1]["steps"] and data["steps"] >= data["trained"]
    assert data["frameBytes"] == (data["width"] * data["height"] * data["bits"] + 7) // 8
    frames, targets = base64.b64decode(data["frames"]), base64.b64decode(data["targets"])
    assert len(frames) == (data["steps"] + 1) * data["frameBytes"]
    assert len(targets) == (1 if data["fixed"] else data["steps"] + 1) * data["frameBytes"]
    assert len(data["palette"]) == 2 ** data["bits"]
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in data["palette"])
