#!/usr/bin/env python3
"""make_pictures.py - draws the ten pictures of data/pictures, on which ./train_image is measured and not tuned.

Icons, text and patterns of 16x16 pixels, and one scene in continuous tones of 96x96 pixels that stands for a photograph:
a lit ball and a mountain before an evening sky, with shading, soft edges and grain. Run it after changing a drawing:
    python3 data/make_pictures.py
"""
import math
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent / "pictures"
SIDE = 16

# One letter is one colour; '.' is the picture's background.
COLOURS = {
    "k": (27, 29, 38), "w": (255, 255, 255), "r": (214, 40, 57), "o": (242, 132, 38), "y": (250, 204, 46),
    "g": (44, 148, 76), "b": (42, 102, 200), "c": (96, 196, 232), "p": (142, 68, 173), "n": (134, 84, 48),
    "l": (168, 216, 112), "e": (160, 164, 174), "i": (255, 170, 190),
}

HEART = """
................
..rrrr....rrrr..
.rrwwrrrrrrrrrr.
rrwwrrrrrrrrrrrr
rrwrrrrrrrrrrrrr
rrrrrrrrrrrrrrrr
rrrrrrrrrrrrrrrr
rrrrrrrrrrrrrrrr
.rrrrrrrrrrrrrr.
..rrrrrrrrrrrr..
...rrrrrrrrrr...
....rrrrrrrr....
.....rrrrrr.....
......rrrr......
.......rr.......
................
"""

SMILEY = """
.....kkkkkk.....
...kkyyyyyykk...
..kyyyyyyyyyyk..
.kyyyyyyyyyyyyk.
.kyyykyyyykyyyk.
kyyyykyyyykyyyyk
kyyyykyyyykyyyyk
kyyyyyyyyyyyyyyk
kyyyyyyyyyyyyyyk
kyykyyyyyyyykyyk
kyyykyyyyyykyyyk
.kyyykkkkkkyyyk.
.kyyyyyyyyyyyyk.
..kyyyyyyyyyyk..
...kkyyyyyykk...
.....kkkkkk.....
"""

SAILBOAT = """
cccccccccccccccc
cccccccwcccccccc
cccccccwwccccyyc
ccccccrwwwccyyyy
ccccccrwwwccyyyy
cccccrrwwwwccyyc
cccccrrwwwwccccc
ccccrrrwwwwwcccc
ccccrrrwwwwwcccc
cccrrrrwwwwwwccc
cccccccnnccccccc
cnnnnnnnnnnnnnnc
ccnnnnnnnnnnnncc
bbbnnnnnnnnnnbbb
bbbbbbbbbbbbbbbb
bwwbbbbwwbbbwwbb
"""

CAT = """
................
..k..........k..
..kk........kk..
..kik......kik..
..kiik....kiik..
..kooookkooook..
..koooooooooook.
.kooooooooooook.
.kookkoooookkok.
.kookkoooookkok.
.kooooooioooook.
kkkoooooiooookkk
.koookookookook.
..koookkkkoook..
...kkoooooookk..
.....kkkkkkk....
"""

TREE = """
ccccccggggcccccc
cccccgglgggccccc
ccccgglggggggccc
cccgggggglgggccc
cccglgggggggggcc
ccgggggrggglggcc
ccggrggggggggggc
ccggggglggrggggc
cccgggggggggggcc
ccccggglgggggccc
ccccccgnnggccccc
cccccccnnccccccc
cccccccnnccccccc
ccccccnnnncccccc
llllllnnnnllllll
llllllllllllllll
"""

KEY = """
................
..kkkk..........
.kyyyyk.........
kyykkyyk........
kyk..kyk........
kyk..kyk........
kyykkyyk........
.kyyyyyk........
..kkkyyyk.......
.....kyyyk......
......kyyyk.....
.......kyyyk....
........kyyykk..
.........kyyyyk.
.........kykkyk.
..........k..k..
"""

INVADER = """
kkkkkkkkkkkkkkkk
kkkkkkkkkkkkkkkk
kkklkkkkkkkklkkk
kkkklkkkkkklkkkk
kkkllllllllllkkk
kkklllllllllllkk
kkllkkllllkklllk
klllkkllllkklllk
kllllllllllllllk
klkllllllllllklk
klklkkkkkkkklklk
klkkllkkkkllkklk
kkkkllkkkkllkkkk
kkkkkkkkkkkkkkkk
kkkkkkkkkkkkkkkk
kkkkkkkkkkkkkkkk
"""

TEXT = """
................
...k.k..........
...k.k..........
.kkk.k.kkk..kkk.
.k.k.k.k....k.k.
.kkk.k.kkk..kkkk
................
rrrrrrrrrrrrrrrr
rrrrrrrrrrrrrrrr
................
bbb..bb..bbb.bbb
b...b..b..b..b..
b.b.b..b..b..bb.
b.b.bbbb..b..b..
bbb.b..b..b..bbb
................
"""

FLAG = """
eeeeeeeeeeeeeeee
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
wwwwwwwwwwwwwwww
wwwwwwwwwwwwwwww
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
bbbbbwwbbbbbbbbb
eeeeeeeeeeeeeeee
eeeeeeeeeeeeeeee
rrrrrrrrrrrrrrrr
pppppppppppppppp
eeeeeeeeeeeeeeee
"""

DRAWINGS = {
    "heart": (HEART, (255, 255, 255)), "smiley": (SMILEY, (246, 243, 236)), "sailboat": (SAILBOAT, None),
    "cat": (CAT, (255, 255, 255)), "tree": (TREE, None), "key": (KEY, (255, 255, 255)), "invader": (INVADER, None),
    "text": (TEXT, (255, 255, 255)), "flag": (FLAG, None),
}


def pixels_of(drawing, background):
    rows = drawing.split()
    assert len(rows) == SIDE and all(len(row) == SIDE for row in rows), rows
    return [[background if cell == "." else COLOURS[cell] for cell in row] for row in rows]


def scene(side=96):
    """A lit ball and a mountain before an evening sky; grain from a linear congruential generator."""
    state = 1
    rows = []
    for j in range(side):
        row = []
        for i in range(side):
            x, y = (i + 0.5) / side, (j + 0.5) / side
            state = (state * 1103515245 + 12345) % 2**31
            grain = (state / 2**31 - 0.5) * 10
            sky = [40 + 200 * y, 60 + 90 * y, 130 - 40 * y]
            ridge = 0.62 + 0.10 * math.sin(5.1 * x + 0.6) + 0.03 * math.sin(17 * x)
            hill = min(max((y - ridge) * 25 + 0.5, 0), 1)
            ground = [34 + 30 * (1 - y), 44 + 36 * (1 - y), 52]
            dx, dy = (x - 0.66) / 0.24, (y - 0.56) / 0.24
            r2 = dx * dx + dy * dy
            edge = min(max((1 - math.sqrt(r2)) * 12 + 0.5, 0), 1)
            light = max(0, -0.55 * dx - 0.6 * dy + 0.58 * math.sqrt(max(0, 1 - r2)))
            ball = [60 + 190 * light, 26 + 90 * light**1.5, 30 + 60 * light**3]
            colour = []
            for c in range(3):
                value = sky[c] + hill * (ground[c] - sky[c])
                value += edge * (ball[c] - value)
                colour.append(int(min(max(value + grain, 0), 255)))
            row.append(tuple(colour))
        rows.append(row)
    return rows


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(path, rows):
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    raw = b"".join(b"\0" + b"".join(bytes(pixel) for pixel in row) for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (drawing, background) in DRAWINGS.items():
        write_png(FOLDER / f"{name}.png", pixels_of(drawing, background))
    write_png(FOLDER / "scene.png", scene())


main()
