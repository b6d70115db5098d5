"""conftest.py - fixtures of all Python tests."""

import signal

import pytest

from programs import CHECKERBOARD, SHORT, run


@pytest.fixture(scope="session", autouse=True)
def signals_as_usual():
    """Programs leave ignored signals ignored; nohup ignores SIGHUP, and would for all that tests start."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A short finished run: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("finished")
    result = run(CHECKERBOARD, *SHORT, "--frames", "--eval-interval", "5", "--log-interval", "5", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder / "results" / "checkerboard" / "001", result.stdout
