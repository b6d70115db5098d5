"""record.py - adds a run of a fuzz target to the record of all runs: record.py FILE TARGET EXECUTIONS SECONDS CODE ASKED

FILE is JSON: the executions of all runs together, those of each target, and the runs, each with machine, commit and
command. Leaves alone: running (run.sh).
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def answer_of(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def commit(record):
    """The commit; "-dirty" when anything but the record itself differs from it."""
    there = os.path.relpath(record)
    but = [] if there.startswith("..") else [f":!{there}"]
    changed = answer_of("git", "status", "--porcelain", "--untracked-files=no", "--", ".", *but)
    return (answer_of("git", "rev-parse", "--short", "HEAD") or "unknown") + ("-dirty" if changed else "")


def main():
    path, target = pathlib.Path(sys.argv[1]), sys.argv[2]
    executions, seconds, code, asked = (int(word) for word in sys.argv[3:7])
    record = json.loads(path.read_text()) if path.exists() else {"runs": []}
    record["runs"].append({
        "target": target,
        "executions": executions,
        "seconds": seconds,
        "found": code != 0,
        "ended": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": processor(),
        "commit": commit(path),
        "command": f"make fuzz FUZZ_SECONDS={asked} FUZZ_TARGETS={target}",
    })
    totals = {}
    for run in record["runs"]:
        total = totals.setdefault(run["target"], {"executions": 0, "seconds": 0, "found": 0})
        total["executions"] += run["executions"]
        total["seconds"] += run["seconds"]
        total["found"] += run["found"]
    record = {"executions": sum(total["executions"] for total in totals.values()), "targets": totals,
              "runs": record["runs"]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")


main()
