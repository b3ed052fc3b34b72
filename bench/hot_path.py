"""CPU per message: every server in turn, again and again, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import messages
from bench.databases import Database
from bench.processes import BenchError, Child, cpu_us, python, settle
from bench.subjects import UNIT, Place, Running, Subject

Say = Callable[[str], None]


@dataclass(slots=True)
class Window:
    """One server's turn. database_us: CPU of the database's own processes, per message."""

    count: int
    us: float
    p50_ms: float
    p99_ms: float
    per_second: float
    database_us: float | None = None


@dataclass(slots=True)
class Result:
    """One server with one kind of message."""

    subject: str
    label: str
    action: str
    version: str
    windows: list[Window] = field(default_factory=list)
    acknowledged: int = 0
    ratio: float | None = None

    def middle(self, what: str) -> float | None:
        """The median of a window's figure over the repetitions."""
        values = [getattr(w, what) for w in self.windows if getattr(w, what) is not None]
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True)
class Plan:
    """How much. seconds: of one turn. parallel: unfinished handshakes at once."""

    connections: int
    repetitions: int
    seconds: float
    parallel: int = 64


def measure(
    subjects: Sequence[Subject], place: Place, load_core: int, plan: Plan, say: Say
) -> tuple[list[Result], dict[str, str]]:
    """Results, and what was left out with the reason. BenchError when an acknowledged message is not stored."""
    results: list[Result] = []
    skipped: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        servers: list[Running] = []
        for subject in subjects:
            started = subject.start(place)
            if isinstance(started, str):
                skipped[subject.label] = started
                say(f"left out: {subject.label}: {started}")
                continue
            stack.callback(started.stop)
            servers.append(started)
        for version in messages.VERSIONS:
            rounds = _Rounds(servers, version, place, load_core, plan, say)
            results += rounds.run()
    return results, skipped


class _Rounds:
    """All servers with one kind of message."""

    def __init__(
        self,
        servers: Sequence[Running],
        version: str,
        place: Place,
        load_core: int,
        plan: Plan,
        say: Say,
    ) -> None:
        self._servers = [s for s in servers if version in s.subject.versions]
        self._version = version
        self._place = place
        self._load_core = load_core
        self._plan = plan
        self._say = say

    def run(self) -> list[Result]:
        """Warm up, measure in turns, compare, verify."""
        results = [self._result(server) for server in self._servers]
        with contextlib.ExitStack() as stack:
            loads = [stack.enter_context(self._load(server)) for server in self._servers]
            for repetition in range(-1, self._plan.repetitions):
                for server, load, result in zip(self._servers, loads, results, strict=True):
                    window = self._window(server, load, self._plan.seconds)
                    result.acknowledged += window.count
                    if repetition >= 0:  # the first round warms up
                        result.windows.append(window)
                self._say(f"{messages.ACTIONS[self._version]}: round {repetition + 1} done")
            for server, result in zip(self._servers, results, strict=True):
                if server.database is not None:
                    verify(server.database, self._version, result.acknowledged, self._plan)
        _compare(results)
        return results

    def _result(self, server: Running) -> Result:
        subject = server.subject
        action = messages.ACTIONS[self._version]
        return Result(subject.key, subject.label, action, self._version)

    @contextlib.contextmanager
    def _load(self, server: Running) -> Iterator[Child]:
        arguments = [str(server.port), self._version, *(["--bare"] if server.subject.bare else [])]
        log = self._place.directory / f"load-{server.subject.key}-{self._version}"
        load = Child(python("bench.load", *arguments), self._load_core, log)
        try:
            plan = self._plan
            load.ask(do="connect", count=plan.connections, first=1, parallel=plan.parallel)
            yield load
        finally:
            load.stop()

    def _window(self, server: Running, load: Child, seconds: float) -> Window:
        settle()
        database = server.database
        before, before_database = cpu_us(server.child.pid), database.cpu_us() if database else None
        told = load.ask(do="run", seconds=seconds)
        settle()
        used = cpu_us(server.child.pid) - before
        after_database = database.cpu_us() if database else None
        window = _window(told, used)
        if before_database is not None and after_database is not None:
            window.database_us = (after_database - before_database) / window.count
        return window


def _window(told: dict[str, Any], used_us: float) -> Window:
    count = int(told["messages"])
    if not count:
        raise BenchError("a server answered nothing in its turn")
    return Window(
        count, used_us / count, told["p50_ms"], told["p99_ms"], count / float(told["seconds"])
    )


def _compare(results: Sequence[Result]) -> None:
    """Ratios to the unit, within each repetition; their median."""
    unit = next((r for r in results if r.subject == UNIT), None)
    if unit is None:
        return
    for result in results:
        pairs = zip(result.windows, unit.windows, strict=True)
        result.ratio = statistics.median(own.us / its.us for own, its in pairs)


def verify(database: Database, version: str, acknowledged: int, plan: Plan) -> None:
    """BenchError unless every acknowledged message is in the database, once, with its effect and its log line."""
    like = f"{messages.identity_of(version, 0)[:-6]}%"
    of = "station_id IN (SELECT id FROM stations WHERE identity LIKE '" + like + "')"
    action = messages.ACTIONS[version]
    begun = plan.connections * messages.SETUP_SAMPLES[version]
    registers = f"SELECT sum(meter_last_wh - {messages.FIRST_WH}) FROM transactions WHERE {of}"
    checks = [
        ("meter samples", f"SELECT count(*) FROM samples WHERE {of}", acknowledged + begun),
        ("registers of transactions, summed", registers, acknowledged),
        (
            "lines of the message log",
            f"SELECT count(*) FROM message_log WHERE action = '{action}' AND {of}",
            acknowledged + begun,
        ),
    ]
    if version == messages.V201:
        facts = f"SELECT count(*) FROM transaction_facts WHERE {of}"
        checks.append(("transaction events", facts, acknowledged + begun))
    for what, sql, wanted in checks:
        found = database.number(sql)
        if found != wanted:
            raise BenchError(
                f"{database.name}, {action}: {found:.0f} {what} stored, {wanted} acknowledged"
            )
