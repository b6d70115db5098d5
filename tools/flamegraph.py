#!/usr/bin/env python3
"""flamegraph.py TITLE <stacks >graph.svg - draws a flame graph (Gregg, 2011) of what `perf script` prints.

Reads samples: a line that begins without space opens one, the indented lines below are its frames, innermost first.
Every box is a function, as wide as its share of the samples, on top of its caller. A click widens a box to the whole
width, a click on the lowest one goes back; the pointer shows name, samples and share. Leaves alone: recording.
"""

import html
import re
import sys

WIDTH, ROW, MARGIN, LEAST = 1200, 18, 10, 0.3  # pixels; boxes narrower than LEAST are left out


class Box:
    def __init__(self, name):
        self.name, self.samples, self.callees = name, 0, {}

    def callee(self, name):
        return self.callees.setdefault(name, Box(name))


def frame_name(line):
    """`7f12 dlca_tile_forward+0x1b (/path/program)` -> `dlca_tile_forward`."""
    match = re.match(r"\s*[0-9a-f]+ (.*?)(\+0x[0-9a-f]+)? \((.*)\)$", line)
    if not match:
        return None
    name = match.group(1)
    if name == "[unknown]":
        return "[" + match.group(3).strip("[]").rsplit("/", 1)[-1] + "]"
    return re.sub(r"\.(isra|part|constprop|cold)\.?\d*", "", name)


def read_samples(lines):
    root, frames, program = Box("all"), [], None

    def close():
        if program is None:
            return
        box = root
        box.samples += 1
        for name in [program] + frames[::-1]:
            box = box.callee(name)
            box.samples += 1

    for line in lines:
        if line.strip() and not line[0].isspace():
            close()
            program, frames = line.split()[0], []
        elif line.strip():
            name = frame_name(line.rstrip("\n"))
            if name:
                frames.append(name)
    close()
    return root


def colour(name):
    """Kernels of the library red, its other functions orange, the rest grey: by name alone, so always the same."""
    shade = sum(ord(letter) * (i + 1) for i, letter in enumerate(name)) % 40
    if re.match(r"(forward|backward|gather|softmax|expand|adamw)", name):
        return f"rgb({215 + shade},{70 + shade},{60 + shade // 2})"
    if re.match(r"(dlca|train|perceive|update|recompute|fill|main|run|judge)", name):
        return f"rgb({225 + shade // 2},{150 + shade},{70 + shade})"
    return f"rgb({185 + shade},{185 + shade},{180 + shade})"


def depth_of(box):
    return 1 + max((depth_of(callee) for callee in box.callees.values()), default=0)


def draw(box, x, depth, total, rows, out):
    width = box.samples / total * (WIDTH - 2 * MARGIN)
    if width < LEAST:
        return
    name = html.escape(box.name)
    share = 100.0 * box.samples / total
    y = MARGIN + 30 + (rows - 1 - depth) * ROW
    out.append(
        f'<g class="box" data-x="{x:.3f}" data-w="{width:.3f}" data-d="{depth}" data-n="{name}">'
        f"<title>{name}: {box.samples} samples, {share:.1f} %</title>"
        f'<rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{ROW - 1}" fill="{colour(box.name)}" rx="2"/>'
        f'<text x="{x + 3:.2f}" y="{y + 13}"></text></g>'
    )
    for callee in sorted(box.callees.values(), key=lambda callee: callee.name):
        draw(callee, x, depth + 1, total, rows, out)
        x += callee.samples / total * (WIDTH - 2 * MARGIN)


# Boxes are laid out again for the one that was clicked: what lies outside it vanishes, its callers fill the width.
SCRIPT = """
const boxes = [...document.querySelectorAll('.box')], left = %d, whole = %d;
function show(chosen) {
  const from = +chosen.dataset.x, width = +chosen.dataset.w, depth = +chosen.dataset.d;
  for (const box of boxes) {
    const x = +box.dataset.x, w = +box.dataset.w, d = +box.dataset.d;
    const caller = d < depth && x <= from + 1e-2 && x + w >= from + width - 1e-2;
    const inside = d >= depth && x >= from - 1e-2 && x + w <= from + width + 1e-2;
    box.style.display = caller || inside ? '' : 'none';
    box.style.opacity = caller ? 0.5 : 1;
    const newX = caller ? left : left + (x - from) / width * whole, newW = caller ? whole : w / width * whole;
    const rect = box.querySelector('rect'), text = box.querySelector('text');
    rect.setAttribute('x', newX); rect.setAttribute('width', newW); text.setAttribute('x', newX + 3);
    const letters = Math.floor((newW - 6) / 6.7), name = box.dataset.n;
    text.textContent = letters < 3 ? '' : name.length <= letters ? name : name.slice(0, letters - 1) + '…';
  }
}
for (const box of boxes) box.addEventListener('click', () => show(box));
show(boxes[0]);
"""


def svg(root, title):
    rows = depth_of(root)
    height = rows * ROW + 2 * MARGIN + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="monospace" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fdfcf8"/>',
        f'<text x="{MARGIN}" y="24" font-size="15">{html.escape(title)}: {root.samples} samples</text>',
        "<style>.box{cursor:pointer}.box:hover rect{stroke:#000}text{pointer-events:none}</style>",
    ]
    if root.samples:
        draw(root, MARGIN, 0, root.samples, rows, out)
    out.append(f"<script><![CDATA[{SCRIPT % (MARGIN, WIDTH - 2 * MARGIN)}]]></script></svg>")
    return "\n".join(out)


if __name__ == "__main__":
    samples = read_samples(sys.stdin)
    if samples.samples == 0:
        sys.exit("flamegraph.py: no samples in what was read")
    print(svg(samples, sys.argv[1] if len(sys.argv) > 1 else "flame graph"))
