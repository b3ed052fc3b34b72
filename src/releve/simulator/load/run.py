"""Opening many connections and sending at a steady rate, bounded in count and time."""

import asyncio
import base64
import random
import resource
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from urllib.parse import quote, urlsplit

from releve.ocpp.version import Version
from releve.simulator.load.connection import Connection
from releve.simulator.load.messages import Wording, wording
from releve.simulator.load.report import Report

MOST_CONNECTIONS = 60_000
LONGEST_S = 24 * 3600
TICK_S = 0.01
GRACE_S = 5.0
"""How long the last answers are waited for."""
SPARE_FILES = 64

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What to do. `rate` is CALLs per second over all connections; 0 keeps them idle."""

    url: str
    connections: int
    version: Version = Version.V16
    rate: float = 100.0
    duration_s: float = 30.0
    connect_rate: float = 500.0
    """New connections per second."""
    identity: str = "LOAD-{n:06}"
    password: str | None = None
    message: str = "meter-values"
    boot: bool = True
    seed: int = 1

    def check(self) -> list[str]:
        """What is wrong with it, in words."""
        parts = urlsplit(self.url)
        tests = (
            (
                parts.scheme == "ws" and bool(parts.hostname),
                f"url: a ws:// address, not {self.url}",
            ),
            (1 <= self.connections <= MOST_CONNECTIONS, f"connections: 1 to {MOST_CONNECTIONS}"),
            (self.rate >= 0, "rate: 0 or more"),
            (0 < self.duration_s <= LONGEST_S, f"duration: up to {LONGEST_S} s"),
            (self.connect_rate > 0, "connect-rate: more than 0"),
            (self.message in ("meter-values", "heartbeat"), "message: meter-values or heartbeat"),
        )
        return [problem for passed, problem in tests if not passed]


async def run_load(
    plan: LoadPlan, *, stop: asyncio.Event | None = None, progress: Progress | None = None
) -> Report:
    """Run `plan`, or until `stop`; returns what was found. Connections are closed in any case.

    Raises:
        ValueError: the plan is not possible; the text has one line per problem.
    """
    problems = plan.check() + _raise_file_limit(plan.connections)
    if problems:
        raise ValueError("\n".join(problems))
    run = _Run(plan, stop or asyncio.Event(), progress or (lambda _line: None))
    try:
        await run.open_all()
        await run.send_all()
        await run.wait_for_answers()
    finally:
        run.close_all()
    return run.report


class _Run:
    """The state of one run; the connections' owner."""

    def __init__(self, plan: LoadPlan, stop: asyncio.Event, progress: Progress) -> None:
        self.report = Report(wanted=plan.connections)
        self._plan = plan
        self._stop = stop
        self._progress = progress
        self._words: Wording = wording(plan.version, plan.message)
        self._rng = random.Random(plan.seed)
        self._loop = asyncio.get_running_loop()
        self._started_at = datetime.now(UTC)
        self._origin = self._loop.time()
        self._connections: set[Connection] = set()
        self._free: deque[Connection] = deque()
        self._settled = 0
        self._all_settled = asyncio.Event()
        self._quiet = asyncio.Event()
        self._open_calls = 0

    # What connections tell

    def opened(self, connection: Connection) -> None:
        """A handshake succeeded."""
        self.report.opened += 1
        self.report.connecting.add(perf_counter() - connection.began_at)
        self._connections.add(connection)
        if self._plan.boot:
            self._call(connection, *self._words.boot(connection.identity))
        else:
            self._free.append(connection)
        self._settle()

    def refused(self, why: str) -> None:
        """A connection did not come about."""
        self.report.refused[why] = self.report.refused.get(why, 0) + 1
        self._settle()

    def answered(self, connection: Connection, *, error: bool) -> None:
        """The open CALL of `connection` got its answer."""
        if connection.sent_at is None:
            return
        self.report.answering.add(perf_counter() - connection.sent_at)
        self.report.answered += 1
        self.report.errors += error
        self._open_calls -= 1
        self._free.append(connection)
        if self._open_calls == 0:
            self._quiet.set()

    def lost(self, connection: Connection) -> None:
        """An open connection ended by itself."""
        self.report.dropped += 1
        self._connections.discard(connection)
        if connection.sent_at is not None:
            self._open_calls -= 1
            self.report.unanswered += 1
            if self._open_calls == 0:
                self._quiet.set()

    # The course of a run

    async def open_all(self) -> None:
        """Open every connection, `connect_rate` in a second, and wait until each is open or refused."""
        begun, next_word = 0, self._loop.time() + 1
        began = self._loop.time()
        pending: set[asyncio.Task[None]] = set()
        while begun < self._plan.connections and not self._stop.is_set():
            due = min(
                self._plan.connections,
                int((self._loop.time() - began + TICK_S) * self._plan.connect_rate) + 1,
            )
            while begun < due:
                task = self._loop.create_task(self._open(begun))
                pending.add(task)
                task.add_done_callback(pending.discard)
                begun += 1
            await asyncio.sleep(TICK_S)
            next_word = self._say(next_word, f"{self.report.opened} connections open")
        self.report.wanted = begun
        self._settle(0)
        await self._either(self._all_settled, None)
        self._progress(f"{self.report.opened} connections open")

    async def send_all(self) -> None:
        """Send at the rate, round and round over the connections that have no CALL open."""
        began = self._loop.time()
        last, owed, next_word = began, 0.0, began + 1
        answered_before = self.report.answered
        while (now := self._loop.time()) < began + self._plan.duration_s:
            if self._stop.is_set() or not self._connections:
                break
            owed += (now - last) * self._plan.rate
            last = now
            while owed >= 1:
                owed -= 1
                self._send_one()
            await asyncio.sleep(TICK_S)
            done = self.report.answered - answered_before
            next_word = self._say(next_word, f"{done} answered, {self._open_calls} open")
        self.report.seconds = self._loop.time() - began
        self.report.answered_in_time = self.report.answered - answered_before

    async def wait_for_answers(self) -> None:
        """Give what is under way a last chance."""
        if self._open_calls:
            self._quiet.clear()
            await self._either(self._quiet, GRACE_S)
        self.report.unanswered += self._open_calls

    def close_all(self) -> None:
        """Close every connection."""
        for connection in tuple(self._connections):
            connection.close()
        self._connections.clear()

    async def _open(self, number: int) -> None:
        plan, parts = self._plan, urlsplit(self._plan.url)
        identity = plan.identity.format(n=number + 1)
        host, port = parts.hostname or "", parts.port or 80
        path = f"{parts.path.rstrip('/')}/{quote(identity, safe='')}"
        authorization = None
        if plan.password is not None:
            pair = f"{identity}:{plan.password}".encode()
            authorization = "Basic " + base64.b64encode(pair).decode()
        connection = Connection(
            self,
            identity,
            plan.version,
            f"{host}:{port}",
            path,
            authorization,
            self._rng,
            perf_counter(),
        )
        try:
            await self._loop.create_connection(lambda: connection, host, port)
        except OSError as problem:
            self.refused(problem.strerror or type(problem).__name__)

    def _send_one(self) -> None:
        while self._free:
            connection = self._free.popleft()
            if connection in self._connections:
                elapsed = self._loop.time() - self._origin
                now = self._started_at + timedelta(seconds=elapsed)
                self._call(connection, *self._words.repeated(now, 1000.0 * connection.count))
                return
        self.report.skipped += 1

    def _call(self, connection: Connection, action: str, payload: bytes) -> None:
        self.report.sent += 1
        self._open_calls += 1
        connection.call(action, payload, perf_counter())

    def _settle(self, more: int = 1) -> None:
        self._settled += more
        if self._settled >= self.report.wanted:
            self._all_settled.set()

    def _say(self, next_word: float, line: str) -> float:
        """Tell how it goes, once in a second."""
        if self._loop.time() < next_word:
            return next_word
        self._progress(line)
        return next_word + 1

    async def _either(self, event: asyncio.Event, timeout_s: float | None) -> None:
        """Wait for `event`, the stop, or the time, whichever comes first."""
        waits = [asyncio.ensure_future(each.wait()) for each in (event, self._stop)]
        try:
            await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _raise_file_limit(connections: int) -> list[str]:
    """Each connection is an open file: use what the system allows."""
    wanted = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return []
    if hard not in (resource.RLIM_INFINITY,) and hard < wanted:
        return [f"connections: this system allows {hard - SPARE_FILES} (ulimit -Hn)"]
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return []
