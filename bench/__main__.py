"""`make bench`: CPU per message and memory per connection, beside other stacks, in one run on one core."""

from __future__ import annotations

import argparse
import resource
import sqlite3
import sys
import tempfile
from pathlib import Path

import bench.report
from bench.databases import server_version
from bench.hot_path import Plan, measure
from bench.idle import WARMING, Idle, measure_idle
from bench.processes import BenchError, cores
from bench.report import Report
from bench.subjects import SUBJECTS, Place, Subject

MOST_CONNECTIONS = 5_000


def main() -> int:
    """The command; its exit code."""
    options = _options()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    try:
        report = run(options)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(report.as_json() if options.json else report.as_text())
    if options.write:
        bench.report.write(report)
    return 0


def run(options: argparse.Namespace) -> Report:
    """Measure what the options ask for."""
    server_core, load_core = cores()
    subjects = chosen(options.only, everything=options.all)
    plan = Plan(options.connections, options.repetitions, options.seconds)
    with tempfile.TemporaryDirectory(prefix="releve-bench-") as directory:
        base = Path(directory)
        place = Place(base / "hot", server_core, plan.connections)
        results, skipped = measure(subjects, place, load_core, plan, _say)
        idle: list[Idle] = []
        if options.idle and any(s.key == "sqlite" for s in subjects):
            (subject,) = (s for s in subjects if s.key == "sqlite")
            _say(f"memory of {options.idle} idle connections, and their return")
            place = Place(base / "idle", server_core, options.idle + WARMING)
            found = measure_idle(subject, place, load_core, options.idle)
            if isinstance(found, str):
                skipped[subject.label] = found
            else:
                idle.append(found)
    return Report(plan.connections, results, idle, skipped, _versions())


def chosen(only: str, *, everything: bool) -> list[Subject]:
    """The subjects that were asked for; BenchError for one that there is not."""
    if not only:
        return [s for s in SUBJECTS if everything or not s.optional]
    keys = only.split(",")
    unknown = set(keys) - {s.key for s in SUBJECTS}
    if unknown:
        raise BenchError(
            f"there is no {', '.join(sorted(unknown))}; there is {', '.join(s.key for s in SUBJECTS)}"
        )
    return [s for s in SUBJECTS if s.key in keys]


def _versions() -> dict[str, str]:
    """Of the databases."""
    return {"SQLite": sqlite3.sqlite_version, **server_version()}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--connections", type=int, default=500, help="of each version (500)")
    parser.add_argument("--repetitions", type=int, default=5, help="turns of each server (5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a turn (2)")
    parser.add_argument(
        "--idle", type=int, default=5_000, help="idle connections to weigh (5000); 0: none"
    )
    parser.add_argument("--only", default="", help="some servers: echo,picows,sqlite,postgres,...")
    parser.add_argument("--all", action="store_true", help="also those fetched by npm")
    parser.add_argument("--quick", action="store_true", help="half a minute: does it run at all?")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/performance.md"
    )
    options = parser.parse_args()
    if options.quick:
        options.connections, options.repetitions = 50, 1
        options.seconds, options.idle = 0.5, min(options.idle, 200)
    for name in ("connections", "idle"):
        if getattr(options, name) > MOST_CONNECTIONS:
            parser.error(f"--{name}: at most {MOST_CONNECTIONS}")
    return options


if __name__ == "__main__":
    sys.exit(main())
