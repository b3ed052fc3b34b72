"""All stations return at once: `python -m bench.storm`.

Stations connect and boot; then all lines are cut, and all knock again at the same moment. Counted: how many are back
per second of the server's CPU, how long an admitted station waits for its boot, how much memory the rush takes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.crowds import Scene, scene
from bench.processes import BenchError, cpu_us, rss_bytes, settle

CALM = 64
"""Handshakes at once when the stations come for the first time."""


@dataclass(slots=True)
class Storm:
    """cpu_ms: of the server for one station, from knock to boot. peak_kb: memory above that before, for one station."""

    label: str
    stations: int
    seconds: float
    cpu_ms: float
    sent_away: int
    boot_s: dict[str, float]
    knock_to_boot_s: dict[str, float]
    peak_kb: float

    @property
    def per_core_second(self) -> float:
        """Stations back for each second of one core's CPU."""
        return 1000 / self.cpu_ms


class Peak:
    """The highest memory of a process, looked at now and then."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._end = threading.Event()
        self.bytes = rss_bytes(pid)
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._end.wait(0.1):
            self.bytes = max(self.bytes, rss_bytes(self._pid))

    def stop(self) -> int:
        """The highest that was seen."""
        self._end.set()
        self._thread.join()
        return self.bytes


def storm(place: Scene, label: str, stations: int, knocking: int) -> Storm:
    """Let all come, cut all lines, let all return, `knocking` handshakes at once (more than the door lets in)."""
    place.crowd.ask(do="arrive", count=stations, first=1, parallel=CALM)
    before = place.resident()
    place.crowd.ask(do="leave")
    settle(2.0)
    peak, used = Peak(place.server.pid), cpu_us(place.server.pid)
    told: dict[str, Any] = place.crowd.ask(do="arrive", count=stations, first=1, parallel=knocking)
    settle()
    used = cpu_us(place.server.pid) - used
    return Storm(
        label=label,
        stations=stations,
        seconds=told["seconds"],
        cpu_ms=used / 1000 / stations,
        sent_away=told["sent_away"],
        boot_s=told["boot_s"],
        knock_to_boot_s=told["knock_to_boot_s"],
        peak_kb=(peak.stop() - before) / 1024 / stations,
    )


def table(storms: list[Storm]) -> str:
    """Markdown."""
    lines = [
        "| return of | stations | all back after s | sent away (503) | CPU ms each | stations per core-second |"
        " boot p50 s | p99 s | knock to boot p99 s | memory above idle KB each |",
        "|---|" + "---:|" * 9,
    ]
    for s in storms:
        lines.append(
            f"| {s.label} | {s.stations} | {s.seconds:.1f} | {s.sent_away} | {s.cpu_ms:.2f} |"
            f" {s.per_core_second:.0f} | {s.boot_s['p50']:.3f} | {s.boot_s['p99']:.3f} |"
            f" {s.knock_to_boot_s['p99']:.3f} | {s.peak_kb:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--stations", type=int, default=4000)
    parser.add_argument("--knocking", type=int, default=1000, help="handshakes at once (1000)")
    parser.add_argument("--only", default="plain,tls,postgres", help="plain,tls,postgres")
    options = parser.parse_args()
    kinds = {
        "plain": ("plain, SQLite", {}),
        "tls": ("TLS, SQLite", {"tls": True}),
        "postgres": ("plain, PostgreSQL", {"on": "postgres"}),
    }
    storms = []
    with tempfile.TemporaryDirectory(prefix="releve-bench-") as name:
        for kind in options.only.split(","):
            label, how = kinds[kind]
            try:
                with scene(Path(name) / kind, options.stations, **how) as place:
                    storms.append(storm(place, label, options.stations, options.knocking))
            except BenchError as error:
                print(f"left out: {label}: {error}", file=sys.stderr)
    print(table(storms))
    return 0


if __name__ == "__main__":
    sys.exit(main())
