"""Memory of an idle connection, and what it costs to take stations back."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass

from bench import messages
from bench.processes import BenchError, Child, cpu_us, python, rss_bytes, settle
from bench.subjects import Place, Running, Subject

WARMING = 50
"""Stations that connect first, so that code and caches are there before memory is looked at."""


@dataclass(slots=True)
class Idle:
    """connections: how many came. bytes_each: resident memory that one holds, its station's live state included.

    storm_us: CPU of the server for one station that returns: TCP, handshake, password, live state, boot on disk.
    """

    label: str
    connections: int
    bytes_each: float
    storm_us: float
    storm_per_second: float


def measure_idle(subject: Subject, place: Place, load_core: int, connections: int) -> Idle | str:
    """Connect and boot this many stations of OCPP 1.6; then cut all lines and let all return at once."""
    server = subject.start(place)
    if isinstance(server, str):
        return server
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        log = place.directory / f"load-idle-{subject.key}"
        load = Child(python("bench.load", str(server.port), messages.V16), load_core, log)
        stack.callback(load.stop)
        load.ask(do="connect", count=WARMING, first=1, parallel=64, charging=False)
        before = _resident(server)
        load.ask(do="connect", count=connections, first=WARMING + 1, parallel=64, charging=False)
        each = (_resident(server) - before) / connections
        load.ask(do="close")
        settle(2.0)
        used = cpu_us(server.child.pid)
        told = load.ask(do="connect", count=connections, first=1, parallel=400, charging=False)
        settle()
        used = cpu_us(server.child.pid) - used
        return Idle(
            subject.label, connections, each, used / connections, connections / told["seconds"]
        )


def _resident(server: Running) -> int:
    """Memory after what is dead was collected."""
    settle(1.0)
    server.child.signal(signal.SIGUSR1)
    word = server.child.hear()
    if word != "COLLECTED":
        raise BenchError(f"{server.subject.label} said {word!r} instead of COLLECTED")
    return rss_bytes(server.child.pid)
