#!/usr/bin/env python3
"""bench_plot.py BENCH.json >plot.svg - draws what `dlca bench --json` recorded.

Three panels: fraction of the FMA peak for each task and backend with one thread and with all; speed-up over one thread;
time of a gate evaluation as grid, channels, steps and batch grow. Bars and points are medians, whiskers quartiles. Leaves
alone: measuring.
"""

import html
import json
import sys

WIDTH, BAR, LEFT, RIGHT = 1000, 14, 190, 30
COLOURS = {"avx512": "#c0392b", "avx2": "#e08e2b", "neon": "#2b8ee0", "scalar": "#8a8a8a"}


class Drawing:
    def __init__(self):
        self.out, self.y = [], 20

    def text(self, x, y, words, size=12, anchor="start", weight="normal"):
        self.out.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(words)}</text>"
        )

    def line(self, x1, y1, x2, y2, colour="#444", width=1.0):
        self.out.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def box(self, x, y, width, height, colour, opacity=1.0):
        self.out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height}" fill="{colour}" '
            f'fill-opacity="{opacity}"/>'
        )

    def heading(self, words, explanation):
        self.y += 26
        self.text(10, self.y, words, 15, weight="bold")
        self.y += 17
        self.text(10, self.y, explanation, 11)
        self.y += 10

    def svg(self):
        return "\n".join(
            [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y + 20}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{self.y + 20}" fill="#ffffff"/>', *self.out, "</svg>"]
        )


def case_name(record):
    return f'{record["task"]}, batch {record["batch"]}'


def cases(passes):
    names = []
    for record in passes:
        if case_name(record) not in names:
            names.append(case_name(record))
    return names


def draw_fractions(drawing, passes):
    drawing.heading(
        "Fraction of the peak of fused multiply-adds",
        "whole epoch, 14 slots per gate evaluation; full colour: one thread, pale: the most threads measured; "
        "scalar code is left out: its fma is a call",
    )
    scale = (WIDTH - LEFT - RIGHT) / 100
    top = drawing.y
    most = max(record["threads"] for record in passes)
    for name in cases(passes):
        drawing.text(LEFT - 8, drawing.y + 13, name, 12, "end")
        for record in [record for record in passes if case_name(record) == name]:
            if record["threads"] not in (1, most) or record["backend"] == "scalar":
                continue
            low, median, high = (100 * value for value in record["fraction_of_peak"])
            opacity = 1.0 if record["threads"] == 1 else 0.5
            drawing.box(LEFT, drawing.y, median * scale, BAR - 3, COLOURS[record["backend"]], opacity)
            drawing.line(LEFT + low * scale, drawing.y + BAR / 2 - 1, LEFT + high * scale, drawing.y + BAR / 2 - 1, "#000")
            drawing.text(LEFT + high * scale + 5, drawing.y + 10, f'{median:.0f} % {record["backend"]}, {record["threads"]}', 10)
            drawing.y += BAR
        drawing.y += 6
    for percent in range(0, 101, 10):
        drawing.line(LEFT + percent * scale, top, LEFT + percent * scale, drawing.y, "#ccc" if percent else "#444", 0.6)
        drawing.text(LEFT + percent * scale, drawing.y + 12, f"{percent} %", 10, "middle")
    drawing.y += 18


def draw_speed_up(drawing, passes):
    drawing.heading(
        "Speed-up over one thread",
        "whole epoch, the same backend, one thread of the same round; blue mark: as many trainings that share nothing",
    )
    most = max(record["threads"] for record in passes)
    scale = (WIDTH - LEFT - RIGHT - 80) / max(most, 1)
    for record in passes:
        if record["threads"] == 1:
            continue
        low, ratio, high = record["speed_up"]
        together = record["speed_up_side_by_side"][1]
        drawing.text(LEFT - 8, drawing.y + 11, case_name(record), 11, "end")
        drawing.box(LEFT, drawing.y, ratio * scale, BAR - 3, COLOURS[record["backend"]])
        drawing.line(LEFT + low * scale, drawing.y + BAR / 2 - 1, LEFT + high * scale, drawing.y + BAR / 2 - 1, "#000")
        drawing.line(LEFT + together * scale, drawing.y - 1, LEFT + together * scale, drawing.y + BAR - 2, "#1a3f6b", 3)
        drawing.text(LEFT + max(high, together) * scale + 5, drawing.y + 10,
                     f'{ratio:.2f} {record["backend"]}, {record["threads"]}', 10)
        drawing.y += BAR
    drawing.y += 4


def draw_growth(drawing, growth):
    if not growth:
        return
    drawing.heading("Time of a gate evaluation as one number grows", "paper's checkerboard, forward and backward, nanoseconds")
    per_gate = [1e9 * record["epoch_seconds"][1] / record["gate_evaluations"] for record in growth]
    scale = (WIDTH - LEFT - RIGHT - 80) / max(per_gate)
    for record, nanoseconds in zip(growth, per_gate):
        drawing.text(LEFT - 8, drawing.y + 11, f'{record["what"]} {record["value"]}', 11, "end")
        drawing.box(LEFT, drawing.y, nanoseconds * scale, BAR - 3, "#4a7fb5")
        drawing.text(LEFT + nanoseconds * scale + 5, drawing.y + 10, f"{nanoseconds:.3f}", 10)
        drawing.y += BAR


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        bench = json.load(file)
    drawing = Drawing()
    drawing.text(10, drawing.y, f'dlca bench: {bench["cpu"]}, {bench["processors"]} processors', 16, weight="bold")
    drawing.y += 17
    drawing.text(10, drawing.y, f'{bench["compiler"]}; commit {bench["commit"]}; {bench["command"]}; '
                 f'medians of {bench["rounds"]} interleaved rounds, quartiles', 11)
    draw_fractions(drawing, bench["passes"])
    draw_speed_up(drawing, bench["passes"])
    draw_growth(drawing, bench["growth"])
    print(drawing.svg())


if __name__ == "__main__":
    main()
