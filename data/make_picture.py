#!/usr/bin/env python3
"""make_picture.py - draws data/mushroom.png, the picture that the README trains: 16x16 pixels in four colours."""
import pathlib
import struct
import zlib

COLOURS = {".": (246, 243, 236), "r": (201, 42, 42), "w": (255, 255, 255), "k": (43, 38, 48)}
ROWS = """
................
.....kkkkkk.....
...kkrrrwwrkk...
..krrrrrwwrrrk..
..kwwrrrrrrrwk..
.krwwrrrrrrwwwk.
.krrrrrwwrrwwwk.
.krrrrwwwwrrwrk.
.krrrrwwwwrrrrk.
.kwrrrrwwrrrrwk.
..kkkkkkkkkkkk..
....kwwwwwwk....
....kwkwwkwk....
....kwkwwkwk....
....kwwwwwwk....
.....kkkkkk.....
""".split()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


assert len(ROWS) == 16 and all(len(row) == 16 for row in ROWS)
pixels = b"".join(b"\0" + b"".join(bytes(COLOURS[cell]) for cell in row) for row in ROWS)
header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")
(pathlib.Path(__file__).parent / "mushroom.png").write_bytes(png)
