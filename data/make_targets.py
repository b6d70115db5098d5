#!/usr/bin/env python3
"""make_targets.py - turns the drawings of this folder into train/targets.c.

A drawing is a text file: lines that begin with '# ' are comments, each other line is a row of cells. '.' and '#' are
one bit; digits 0..7 are three bits (red 4, green 2, blue 1), written red first. Run it after changing a drawing:
    python3 data/make_targets.py >train/targets.c
"""
import pathlib

FOLDER = pathlib.Path(__file__).parent
DRAWINGS = ["lizard", "letter"]


def read(name):
    lines = (FOLDER / f"{name}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def bits_of(cell):
    if cell in ".#":
        return [int(cell == "#")]
    return [int(cell) >> shift & 1 for shift in (2, 1, 0)]


def main():
    print("/* targets.c - the drawings of data/ as bits, made by data/make_targets.py. Do not edit: draw. */")
    print('#include "targets.h"')
    for name in DRAWINGS:
        rows = read(name)
        channels = len(bits_of(rows[0][0]))
        assert all(len(row) == len(rows) for row in rows), f"{name} is not square"
        print(f"\n/* [{len(rows)}][{len(rows)}][{channels}] */")
        print(f"const uint8_t dlca_target_{name}[] = {{")
        for row in rows:
            print("    " + ", ".join(str(bit) for cell in row for bit in bits_of(cell)) + ",")
        print("};")


main()
