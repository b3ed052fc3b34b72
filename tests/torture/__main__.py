"""`make torture`: the full numbers. One line for each kind of fault, and what was lost, if anything was.

python -m tests.torture                      all of it
python -m tests.torture kills --count 100 --seed mine --database sqlite
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.postgres import Unreachable, temporary_database
from tests.torture import disk_faults
from tests.torture.kills import Outcome, killed
from tests.torture.losses import disk_site, without_power
from tests.torture.outages import outages
from tests.torture.proxy import proxied
from tests.torture.site import site
from tests.torture.soak import soak

POSTGRES = os.environ.get("RELEVE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
FULL = {"kills": 1000, "losses": 200, "disks": 20, "outages": 50}
BATCH = 50
"""Faults of one run, with a fresh database and a seed of its own: a finding is then near its cause."""
LONG_S = (1.0, 60.0)
Run = Callable[[Path, str, int, str], Coroutine[Any, Any, Outcome]]


async def kills(directory: Path, database: str, count: int, seed: str) -> Outcome:
    """kill -9."""
    async with site(directory, database) as place:
        return await killed(place, count, seed)


async def losses(directory: Path, _: str, count: int, seed: str) -> Outcome:
    """Power losses; SQLite only: PostgreSQL's disk is PostgreSQL's."""
    async with disk_site(directory) as place:
        return await without_power(place, count, seed)


async def disks(directory: Path, _: str, count: int, seed: str) -> Outcome:
    """Full and failing disks, each kind in turn, and failed flushes followed by a kill."""
    kinds = (disk_faults.FULL, disk_faults.BROKEN_WRITES, disk_faults.BROKEN_FLUSHES)
    total = Outcome(seed, 0)
    for number in range(count):
        here = directory / str(number)
        here.mkdir()
        async with disk_site(here) as place:
            if number % 4 == len(kinds):
                one = await disk_faults.failed_flush_then_kill(place, f"{seed}/{number}")
            else:
                one, _reason = await disk_faults.failing(
                    place, kinds[number % 4], f"{seed}/{number}"
                )
        total.add(one)
    return total


async def away(directory: Path, database: str, count: int, seed: str) -> Outcome:
    """PostgreSQL is away."""
    async with proxied(database) as (proxy, through), site(directory, database) as place:
        place.node_database_url = through
        return await outages(place, proxy, count, seed, LONG_S)


PLAN: dict[str, tuple[Run, tuple[str, ...]]] = {
    "kills": (kills, ("sqlite", "postgresql")),
    "losses": (losses, ("sqlite",)),
    "disks": (disks, ("sqlite",)),
    "outages": (away, ("postgresql",)),
}


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """An empty one; "" is an SQLite file where the site lives."""
    if kind == "sqlite":
        yield ""
        return
    with temporary_database(POSTGRES) as url:
        if isinstance(url, Unreachable):
            sys.exit(f"no PostgreSQL at RELEVE_TEST_POSTGRES: {url.reason}")
        yield url


def torture(fault: str, database: str, count: int, seed: str) -> Outcome:
    """Run one kind of fault in batches, and say what came of it."""
    run, _ = PLAN[fault]
    total = Outcome(seed, 0)
    begun = time.monotonic()
    for number, first in enumerate(range(0, count, BATCH)):
        with tempfile.TemporaryDirectory() as directory, _database(database) as url:
            part = f"{seed}-{number}"
            outcome = asyncio.run(run(Path(directory), url, min(BATCH, count - first), part))
        total.add(outcome)
        done = min(first + BATCH, count)
        print(f"{fault} {database}: {done} of {count}", file=sys.stderr, flush=True)  # noqa: T201
        if outcome.findings:
            print(f"{fault} {database}: {outcome}", flush=True)  # noqa: T201
    seconds = time.monotonic() - begun
    print(f"{fault} on {database}: {total} ({seconds:.0f} s)", flush=True)  # noqa: T201
    return total


def main() -> None:
    """Read the command line, run, and end with 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("fault", nargs="?", choices=[*PLAN, "soak"])
    parser.add_argument("--count", type=int, help="faults; the full number unless told")
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--seed", default=secrets.token_hex(4), help="to repeat a run")
    parser.add_argument("--hours", type=float, default=1.0, help="how long to soak")
    chosen = parser.parse_args()
    if chosen.fault == "soak":
        sys.exit(asyncio.run(soak(chosen.hours * 3600, chosen.seed)))
    findings = 0
    for fault in [chosen.fault] if chosen.fault else PLAN:
        for database in PLAN[fault][1]:
            if chosen.database in (None, database):
                count = chosen.count or FULL[fault]
                findings += len(torture(fault, database, count, chosen.seed).findings)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
