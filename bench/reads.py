"""What reading a large database costs at the API: `python -m bench.reads`.

Two databases are filled (100,000 stations, 10 million transactions unless told otherwise; some minutes and 3-6 GB
each), a server is started on each, and every kind of list is asked for over HTTP, one request after the other. With
`--url` an existing seeded database is used and kept.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench import seeding
from bench.databases import Database, Sqlite, postgres
from bench.processes import ROOT, BenchError, cores, cpu_us
from bench.seeding import TOKENS, Seeder, Size
from releve import settings as settings_module
from releve.cli.common import run, with_services
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.services import Services

READY_S = 60.0
LIMIT_MS = 50.0
Ask = Callable[[random.Random, Size], str]


@dataclass(frozen=True, slots=True)
class Question:
    """A kind of request: its path with a query, different at every turn where there is something to choose."""

    label: str
    path: Ask
    follow: int = 0
    """Pages to go on by cursor before the time is taken."""


@dataclass(slots=True)
class Answered:
    """Times of one question, ms; found: items of the last answer; cpu_ms: of the server process, for one request."""

    label: str
    times_ms: list[float] = field(default_factory=list)
    found: int = 0
    cpu_ms: float = 0.0

    def at(self, share: float) -> float:
        """The time that so many stay below."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _station(random: random.Random, size: Size) -> str:
    return seeding.identity(random.randrange(size.stations))


def _days_ago(random: random.Random, most: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=random.randint(1, most))


def stations(**query: str) -> Ask:
    return lambda random, size: f"/api/v1/stations?{urlencode(query)}"


def transactions(**query: Any) -> Ask:
    """A list of transactions; a value of the query may be a function of chance and size."""

    def ask(random: random.Random, size: Size) -> str:
        told = {k: v(random, size) if callable(v) else v for k, v in query.items()}
        return f"/api/v1/transactions?{urlencode(told)}"

    return ask


QUESTIONS = (
    Question("stations: first page", stations()),
    Question("stations: tenth page of 50", stations(), follow=9),
    Question("stations: offline", stations(connectivity="offline")),
    Question("stations: unknown (none)", stations(connectivity="unknown")),
    Question("stations: faulted (one in 2,000)", stations(status="Faulted")),
    Question("stations: charging", stations(status="Charging")),
    Question("stations: reserved (none)", stations(status="Reserved")),
    Question("stations: inbox (empty)", stations(quarantined="true")),
    Question(
        "stations: search, one",
        lambda r, s: f"/api/v1/stations?search={seeding.identity(r.randrange(s.stations))}",
    ),
    Question("stations: search, none", stations(search="nowhere")),
    Question("stations: search, many", stations(search="site 7")),
    Question("one station", lambda r, s: f"/api/v1/stations/{quote(_station(r, s))}"),
    Question("transactions: first page", transactions()),
    Question("transactions: tenth page of 50", transactions(), follow=9),
    Question("transactions: of a station", transactions(station=_station)),
    Question(
        "transactions: of a token",
        transactions(token=lambda r, s: seeding.token(r.randrange(TOKENS))),
    ),
    Question("transactions: of a token nobody has", transactions(token="NOBODY")),
    Question("transactions: active", transactions(state="active")),
    Question("transactions: ended", transactions(state="ended")),
    Question("transactions: presumed ended", transactions(state="presumed-ended")),
    Question("transactions: held", transactions(held="true")),
    Question("transactions: EVSE 9 (none)", transactions(evse="9")),
    Question(
        "transactions: of a day",
        transactions(
            since=lambda r, s: (_days_ago(r, 700) - timedelta(days=1)).isoformat(),
        ),
    ),
    Question(
        "transactions: until a day long ago",
        transactions(until=lambda r, s: _days_ago(r, 700).isoformat()),
    ),
    Question("transactions: held, of a station", transactions(held="true", station=_station)),
    Question("transactions: search, a station", transactions(search=_station)),
    Question(
        "transactions: search, a reference",
        transactions(search=lambda r, s: seeding.reference(r.randrange(s.transactions))),
    ),
    Question(
        "transactions: search, a token",
        transactions(search=lambda r, s: seeding.token(r.randrange(TOKENS))),
    ),
    Question("transactions: search, 100 stations", transactions(search="SEED-00004")),
    Question("transactions: search, 1,000 stations", transactions(search="SEED-0003")),
    Question("transactions: search, all stations", transactions(search="seed")),
    Question("transactions: search, none", transactions(search="nowhere")),
    Question(
        "one transaction",
        lambda r, s: f"/api/v1/transactions/{1_000_000 + r.randrange(s.transactions)}",
    ),
    Question("the overview's numbers", lambda r, s: "/api/v1/summary"),
)


class Asker:
    """One connection to the API, kept open."""

    def __init__(self, pid: int, port: int, key: str) -> None:
        self._pid = pid
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"authorization": f"Bearer {key}"}

    def ask(self, path: str) -> tuple[dict[str, Any], float]:
        """The answer and how long it took, ms. BenchError when it is no 200."""
        begun = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        taken = (time.perf_counter() - begun) * 1000
        if response.status != 200:
            raise BenchError(f"{path}: {response.status} {body[:300]!r}")
        answer: dict[str, Any] = json.loads(body)
        return answer, taken

    def question(self, question: Question, size: Size, times: int) -> Answered:
        """Ask it so many times, after a first time that is not counted."""
        answered, draw, used = Answered(question.label), random.Random(1), 0.0
        for turn in range(-1, times):
            path = question.path(draw, size)
            answer, taken = self.ask(path)
            for _ in range(question.follow):
                answer, taken = self.ask(f"{path.rstrip('?')}{_joint(path)}after={answer['next']}")
            if turn < 0:
                used = cpu_us(self._pid)
            else:
                answered.times_ms.append(taken)
            answered.found = len(answer.get("items", ())) if "items" in answer else 1
        answered.cpu_ms = (cpu_us(self._pid) - used) / 1000 / times / (1 + question.follow)
        return answered


def _joint(path: str) -> str:
    return "&" if "=" in path else "?"


@contextlib.contextmanager
def server(directory: Path, url: str, core: int) -> Iterator[tuple[int, int, str]]:
    """`releve serve` on this database: its process, its HTTP port, and an API key."""
    settings = settings_module.load({}, database_url=url, secret_file=str(directory / "secret"))
    key = run(with_services(settings, _key))
    ports = [_free_port(), _free_port()]
    environment = {
        "PATH": os.environ["PATH"],
        "RELEVE_DATABASE_URL": url,
        "RELEVE_SECRET_FILE": str(directory / "secret"),
        "RELEVE_HTTP_PORT": str(ports[0]),
        "RELEVE_STATION_PORT": str(ports[1]),
        "RELEVE_STATION_HOST": "127.0.0.1",
    }
    with (directory / "server.log").open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), str(Path(sys.executable).parent / "releve"), "serve"],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=ROOT,
        )
        try:
            _ready(ports[0], process, directory / "server.log")
            yield process.pid, ports[0], key
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:  # a query that goes on and on
                process.kill()
                process.wait()


async def _key(services: Services) -> str:
    _, secret = await services.access.add_key(DEFAULT_OPERATOR, "bench", ("read",))
    return secret


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise BenchError(f"the server did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def measure(
    url: str, size: Size, times: int, directory: Path, questions: Sequence[Question] = QUESTIONS
) -> list[Answered]:
    """Every question, on the database at `url`."""
    server_core, _ = cores()
    with server(directory, url, server_core) as (pid, port, key):
        asker = Asker(pid, port, key)
        return [asker.question(question, size, times) for question in questions]


def table(columns: dict[str, list[Answered]]) -> str:
    """Markdown: a row for each question, p50 and p99 for each database."""
    names = list(columns)
    lines = [
        "| ms at the API | " + " | ".join(f"{name} p50 | p99 | CPU" for name in names) + " |",
        "|---|" + "---:|---:|---:|" * len(names),
    ]
    for n, question in enumerate(columns[names[0]]):
        cells = []
        for name in names:
            answered = columns[name][n]
            slow = answered.at(0.99) >= LIMIT_MS
            worst = f"**{answered.at(0.99):.1f}**" if slow else f"{answered.at(0.99):.1f}"
            cells.append(f"{answered.at(0.5):.1f} | {worst} | {answered.cpu_ms:.1f}")
        lines.append(f"| {question.label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Ask every question of every database and print the table. Exit code 0."""
    options = _options()
    size = Size(options.stations, options.rows)
    questions = [q for q in QUESTIONS if options.only in q.label]
    columns: dict[str, list[Answered]] = {}
    with tempfile.TemporaryDirectory(prefix="releve-bench-", dir=options.directory) as name:
        for label, url, drop in _databases(options, Path(name)):
            place = Path(name) / label
            place.mkdir()
            try:
                if not options.url:
                    Seeder(url, size, lambda text, label=label: _say(f"{label}: {text}")).run()
                columns[label] = measure(url, size, options.times, place, questions)
            finally:
                drop()
    print(table(columns))
    late = [a.label for found in columns.values() for a in found if a.at(0.99) >= LIMIT_MS]
    _say(f"at or above {LIMIT_MS:.0f} ms: {', '.join(late) or 'none'}")
    return 1 if late and options.strict else 0


def _databases(
    options: argparse.Namespace, directory: Path
) -> Iterator[tuple[str, str, Callable[[], None]]]:
    if options.url:
        for url in options.url:
            yield ("SQLite" if url.startswith("sqlite") else "PostgreSQL"), url, lambda: None
        return
    made: list[Database | str] = [Sqlite(directory), postgres()]
    for database in made:
        if isinstance(database, str):
            _say(f"left out: {database}")
        else:
            yield database.name, database.url, database.drop


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.reads", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="transactions (10000000)")
    parser.add_argument("--stations", type=int, default=100_000, help="stations (100000)")
    parser.add_argument("--times", type=int, default=30, help="requests of each kind (30)")
    parser.add_argument("--only", default="", help="questions with this in their names")
    parser.add_argument("--url", action="append", help="a seeded database, used and kept")
    parser.add_argument(
        "--directory", help="where SQLite's file goes (the system's temporary directory)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="fail when something takes 50 ms or more"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
