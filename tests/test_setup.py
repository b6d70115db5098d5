"""test_setup.py - what surrounds the programs: tools/deps.sh, tools/include_direction.sh, make install.

Leaves alone: installing packages for real (that needs a bare machine; .ci/run does it on one).
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = os.environ.get("DLCA_BUILD", "build")


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=1200, **more)


@pytest.fixture
def bare(tmp_path):
    """The PATH of a machine with a shell and little else: no compiler, no apt-get, no sudo."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ["sh", "dirname", "id", "sed"]:
        (folder / name).symlink_to(shutil.which(name))
    return dict(os.environ, PATH=str(folder))


@pytest.mark.parametrize("arguments", [["--if-missing", "build"], ["--if-missing", "test"], ["all"], []])
def test_without_a_package_manager_deps_prints_the_list_and_goes_on(arguments, bare):
    result = run(ROOT / "tools" / "deps.sh", *arguments, env=bare)
    assert result.returncode == 0
    for package in ["gcc", "libstb-dev", "libgif-dev", "libcjson-dev", "libxxhash-dev", "zlib1g-dev"]:
        assert package in result.stdout


def test_without_rights_deps_prints_the_list_and_goes_on(bare, tmp_path):
    (tmp_path / "bin" / "id").unlink()
    for name, script in [("id", "echo 1000"), ("apt-get", "exit 1"), ("sudo", "exit 1")]:
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    result = run(ROOT / "tools" / "deps.sh", "build", env=bare)
    assert result.returncode == 0
    assert "no right to install" in result.stdout and "libstb-dev" in result.stdout


def test_an_unknown_group_is_refused():
    result = run(ROOT / "tools" / "deps.sh", "everything")
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert "'everything'; accepted: build, test, all" in result.stderr


def test_includes_point_one_way():
    result = run(ROOT / "tools" / "include_direction.sh")
    assert result.returncode == 0, result.stdout


def test_an_include_that_points_up_is_found(tmp_path):
    for folder in ["gates", "src", "train", "gpu", "tools"]:
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "tools" / "include_direction.sh", tmp_path / "tools")
    (tmp_path / "gates" / "good.c").write_text('#include "good.h"\n#include <src/odd.h>\n')
    (tmp_path / "src" / "good.c").write_text('#include "../gates/good.h"\n')
    assert run(tmp_path / "tools" / "include_direction.sh").returncode == 0
    for file, include in [("gates/a.h", "../src/x.h"), ("src/b.c", "../train/x.h"), ("train/c.c", "../tools/x.h")]:
        (tmp_path / file).write_text(f'#  include "{include}"\n')
        result = run(tmp_path / "tools" / "include_direction.sh")
        assert result.returncode == 1 and file in result.stdout
        (tmp_path / file).unlink()


PROGRAM = """
#include <dlca/src/dlca.h>
#include <stdio.h>
int main(void) {
    DlcaConfig config = {.height = 4, .width = 4, .channels = 1, .scored_channels = 1, .kernels = 1,
                         .perceive_layers = 1, .perceive = {1}, .update_layers = 1, .update = {1},
                         .steps = 1, .batch = 1, .fire_rate = 1.0};
    DlcaError error = {0};
    DlcaModel *model = dlca_model_create(&config, &error);
    if (!model) {
        puts(error.message);
        return 1;
    }
    printf("%s %lld\\n", DLCA_VERSION, (long long)model->gates);
    dlca_model_free(model);
    return 0;
}
"""


@pytest.mark.skipif(BUILD != "build", reason="installs the plain build only")
def test_a_program_can_use_what_is_installed(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    result = run("make", "-C", ROOT, "install", f"DESTDIR={tmp_path}", "PREFIX=/opt/dlca", env=environment)
    assert result.returncode == 0, result.stderr
    prefix = tmp_path / "opt" / "dlca"
    programs = sorted(path.name for path in (prefix / "bin").iterdir())
    assert "dlca" in programs and "train_checkerboard" in programs
    assert run(prefix / "bin" / "dlca", "--version").returncode == 0
    (tmp_path / "user.c").write_text(PROGRAM)
    compiled = run(
        os.environ.get("CC", "gcc"), "-std=c17", "-I", prefix / "include", tmp_path / "user.c", "-L", prefix / "lib",
        "-ldlca", "-fopenmp", "-lm", "-o", tmp_path / "user",
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stderr
    result = run(tmp_path / "user")
    assert result.returncode == 0 and result.stdout.split()[1] == "2", result.stdout
