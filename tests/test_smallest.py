"""test_smallest.py - the smallest checkerboard of docs/smallest.md is there and is what the page says."""

from programs import DLCA, ROOT, run

SMALLEST = ROOT / "data" / "circuits" / "smallest_checkerboard.json"


def test_it_is_one_gate_and_proven(tmp_path):
    shown = run(DLCA, "circuit", SMALLEST, "--explain", cwd=tmp_path)
    assert shown.returncode == 0 and "after:  1 gates, 2 inverters" in shown.stdout
    for line in ("next_0 = e_4 ^ s_7", "next_3 = !s_7", "next_4 = e_6", "next_6 = !e_4", "next_7 = s_3"):
        assert f"\n{line}\n" in shown.stdout
        channel, formula = line.replace("^", "xor").replace("!", "not ").split(" = ")
        assert f"{channel} = {formula}" in (ROOT / "docs" / "smallest.md").read_text()
    proof = run(DLCA, "prove", SMALLEST, cwd=tmp_path).stdout
    assert "exact: proven" in proof or "exact: not decided" in proof  # without the SAT solver
    assert "refuted" not in proof


def test_it_holds_on_larger_grids_and_heals(tmp_path):
    table = run(DLCA, "evaluate", SMALLEST, "--starts", "64", cwd=tmp_path).stdout
    for name in ("further steps", "grid 64x64", "damage: a block randomised", "damage: 10 % of the cells flipped"):
        row = next(line for line in table.splitlines() if line.startswith(f"| {name} "))
        assert " 64/64 " in row, row
