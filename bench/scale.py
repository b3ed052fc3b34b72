"""How a node grows with its stations: `python -m bench.scale`.

For each number of stations: memory of an idle connection, then the CPU of a realistic mix. Time is compressed: with a
factor of ten a heartbeat comes every 30 s instead of every 300, so 1,000 stations say what 10,000 say in real time; CPU
is given for real time again, divided by the factor. What does not go with messages (keeping connections alive, chores)
is measured without messages, and is not divided.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.crowds import Scene, scene
from bench.processes import BenchError, cpu_us, settle

WARMING = 50
CALM = 64
CHARGING = 0.1


@dataclass(slots=True)
class Growth:
    """bytes_each: of an idle connection. idle_pct, mix_pct: of one core, in real time. us: of a message."""

    label: str
    stations: int
    bytes_each: float
    idle_pct: float
    mix_pct: float
    per_second: float
    us: float
    p99_ms: float


def grow(place: Scene, label: str, stations: int, seconds: float, factor: float) -> Growth:
    """Weigh, then let them talk."""
    crowd, server = place.crowd, place.server
    crowd.ask(do="arrive", count=WARMING, first=1, parallel=CALM)
    before = place.resident()
    crowd.ask(do="arrive", count=stations - WARMING, first=WARMING + 1, parallel=CALM)
    each = (place.resident() - before) / (stations - WARMING)
    used = cpu_us(server.pid)
    settle(seconds)
    idle_pct = (cpu_us(server.pid) - used) / seconds / 1e4
    used = cpu_us(server.pid)
    told = crowd.ask(do="mix", seconds=seconds, factor=factor, charging=CHARGING)
    settle()
    count = sum(told["messages"].values())
    busy_us = max(0.0, cpu_us(server.pid) - used - idle_pct * seconds * 1e4)
    return Growth(
        label=label,
        stations=stations,
        bytes_each=each,
        idle_pct=idle_pct,
        mix_pct=idle_pct + busy_us / seconds / factor / 1e4,
        per_second=count / seconds / factor,
        us=busy_us / count,
        p99_ms=told["answer_s"]["p99"] * 1000,
    )


def table(found: list[Growth]) -> str:
    """Markdown."""
    lines = [
        "| one process | stations | KB per idle connection | messages/s | CPU us per message | answer p99 ms |"
        " CPU idle | CPU with the mix, of one core |",
        "|---|" + "---:|" * 7,
    ]
    for g in found:
        lines.append(
            f"| {g.label} | {g.stations} | {g.bytes_each / 1024:.1f} | {g.per_second:.1f} | {g.us:.0f} |"
            f" {g.p99_ms:.0f} | {g.idle_pct:.1f} % | {g.mix_pct:.1f} % |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--stations", default="1000,5000,15000")
    parser.add_argument("--tls", default="1000,5000", help="how many over TLS")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--factor", type=float, default=10.0, help="times real time (10)")
    parser.add_argument("--on", default="sqlite", help="sqlite or postgres")
    options = parser.parse_args()
    wanted = [("plain", False, int(n)) for n in options.stations.split(",") if n]
    wanted += [("TLS", True, int(n)) for n in options.tls.split(",") if n]
    found = []
    with tempfile.TemporaryDirectory(prefix="releve-bench-") as name:
        for label, tls, count in wanted:
            try:
                with scene(Path(name) / f"{label}{count}", count, tls=tls, on=options.on) as place:
                    found.append(grow(place, label, count, options.seconds, options.factor))
            except BenchError as error:
                print(f"left out: {label} {count}: {error}", file=sys.stderr)
            else:
                print(f"{label} {count}: done", file=sys.stderr)
    print(table(found))
    print(f"\nTime compressed {options.factor:g} times; {options.on}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
