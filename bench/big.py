"""Big messages and their neighbours: `python -m bench.big`.

Twenty stations send heartbeats, one after the other, and the answers are timed; first alone, then while others send
device-model reports of 200 entries or frames of a quarter of a megabyte without a pause.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.crowds import Scene, scene
from bench.processes import cpu_us

STATIONS = 60
ENTRIES = 200
FRAME = 250 * 1024


@dataclass(slots=True)
class Heard:
    """Answers to the neighbours' heartbeats, ms; said: big messages that were answered meanwhile; cpu_ms: of each."""

    label: str
    said: int
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def report() -> str:
    """A NotifyReport of 2.0.1 with 200 entries, about 60 KB."""
    entry: dict[str, Any] = {
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variableAttribute": [{"type": "Actual", "value": "11040", "mutability": "ReadWrite"}],
        "variableCharacteristics": {
            "dataType": "decimal",
            "unit": "W",
            "supportsMonitoring": True,
            "minLimit": 0,
            "maxLimit": 22080,
        },
    }
    data = [{**entry, "variable": {"name": f"Variable{n:03}"}} for n in range(ENTRIES)]
    return json.dumps(
        {"requestId": 1, "generatedAt": "2026-01-01T00:00:00Z", "seqNo": 0, "reportData": data}
    )


def frame() -> str:
    """A DataTransfer of about 250 KiB: nearly the largest message that is taken."""
    return json.dumps({"vendorId": "bench", "data": "x" * (FRAME - 200)})


def meter_values() -> str:
    """MeterValues of about 200 KB: 200 samples of the last hours, 12 readings each."""
    now = datetime.now(UTC)
    readings = [
        {"value": f"{n}.5", "measurand": "Current.Import", "unit": "A", "phase": f"L{1 + n % 3}"}
        for n in range(12)
    ]
    samples = [
        {"timestamp": (now - timedelta(minutes=n)).isoformat(), "sampledValue": readings}
        for n in range(200)
    ]
    return json.dumps({"connectorId": 1, "meterValue": samples})


KINDS = {
    "nothing": ("1.6", "Heartbeat", lambda: "{}", 0),
    "DataTransfer of 250 KiB": ("1.6", "DataTransfer", frame, 1),
    "MeterValues of 200 samples": ("1.6", "MeterValues", meter_values, 1),
    "NotifyReport of 200 entries": ("2.0.1", "NotifyReport", report, 1),
}


def listen(place: Scene, label: str, seconds: float, talkers: int) -> Heard:
    """Time the neighbours while `talkers` stations send this kind of message."""
    version, action, payload, loud = KINDS[label]
    place.crowd.ask(do="leave")
    place.crowd.ask(
        do="arrive", count=STATIONS, first=1, parallel=10, loud=talkers, version=version
    )
    used = cpu_us(place.server.pid)
    told = place.crowd.ask(
        do="watch",
        seconds=seconds,
        talkers=talkers * loud,
        action=action,
        payload=payload(),
        pause=0.05,
    )
    used = cpu_us(place.server.pid) - used
    times = told["answer_s"]
    return Heard(
        label,
        told["said"],
        used / 1000 / told["said"] if told["said"] else 0.0,
        *(times[name] * 1000 for name in ("p50", "p99", "max")),
    )


def table(found: list[Heard]) -> str:
    """Markdown."""
    lines = [
        "| neighbours' heartbeats while others send | big messages | CPU ms each | p50 ms | p99 ms | worst ms |",
        "|---|" + "---:|" * 5,
    ]
    for h in found:
        lines.append(
            f"| {h.label} | {h.said} | {h.cpu_ms:.1f} | {h.p50_ms:.1f} | {h.p99_ms:.1f} | {h.max_ms:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.big", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--talkers", type=int, default=4)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="releve-bench-") as name,
        scene(Path(name) / "big", STATIONS) as place,
    ):
        found = [listen(place, label, options.seconds, options.talkers) for label in KINDS]
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
