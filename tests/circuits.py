"""circuits.py - circuits of the tests in Python: drawn at random, written as circuit.json, evaluated by their definition.

Knows nothing of dlca's own code, so it can say what is right. A word is 64 assignments at once.
"""

import json
import random

WORD = (1 << 64) - 1


def word_of(op, a, b):
    result = 0
    for bit, (x, y) in {8: (~a, ~b), 4: (~a, b), 2: (a, ~b), 1: (a, b)}.items():
        if op & bit:
            result |= x & y
    return result & WORD


def drawn(seed, task="drawn"):
    """A rule of 1 or 2 channels and up to 40 gates, as the object of circuit.json."""
    draw = random.Random(seed)
    channels, gates = 1 + seed % 2, draw.randint(1, 40)
    inputs = 9 * channels
    return {
        "format": "dlca-circuit", "version": 1, "task": task, "seed": seed, "height": 4, "width": 5,
        "channels": channels, "scored_channels": draw.randint(1, channels), "steps": 8,
        "periodic": draw.random() < 0.5, "asynchronous": draw.random() < 0.2, "fire_rate": 0.6,
        "gates_total": gates, "gates_active": 0, "inputs": inputs,
        "gates": [[draw.randrange(16), draw.randrange(inputs + i), draw.randrange(inputs + i)] for i in range(gates)],
        "outputs": [draw.randrange(inputs + gates) for _ in range(channels)],
    }  # fmt: skip


def outputs(circuit, inputs):
    """The output words for the input words."""
    values = list(inputs)
    for op, a, b in circuit["gates"]:
        values.append(word_of(op, values[a], values[b]))
    return [values[node] for node in circuit["outputs"]]


def load(path):
    return json.loads(path.read_text())
