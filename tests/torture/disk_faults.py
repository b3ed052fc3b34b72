"""Full disks and failing disks: nothing false is acknowledged, the node says what is wrong, and recovers."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from random import Random
from typing import Any

from tests.torture.kills import STATIONS, Outcome, delivered
from tests.torture.losses import DiskSite
from tests.torture.stations import Crowd

LEAST = 30
"""Acknowledgements that count as the node working."""
WAIT_S = 30.0
TELLING_S = 8.0
FULL: dict[str, int] = {"writes": errno.ENOSPC}
BROKEN_WRITES: dict[str, int] = {"writes": errno.EIO}
BROKEN_FLUSHES: dict[str, int] = {"flushes": errno.EIO}


async def failing(place: DiskSite, orders: dict[str, int], seed: str) -> tuple[Outcome, str]:
    """Let the disk fail under load, then heal it; the outcome, and what `/readyz` said meanwhile.

    The node has to recover by itself. In the end the power fails, so that what was only in memory is seen to be lost.
    """
    random, crowd = Random(seed), Crowd(place.site.stations_url, STATIONS, seed)
    await place.site.start()
    crowd.start()
    try:
        await place.site.ready()
        await _more(crowd)
        place.shim.fail(**orders)
        reason = await _not_ready(place)
        await _failed(place, sum(place.shim.failures) + STATIONS)
        place.shim.heal()
        await _more(crowd)
        assert (await place.site.probe("/readyz"))[0] == 200, "healed, but not ready"
        result = await delivered(
            place.site, crowd, seed, 1, lambda: place.disk.lose_power(random, 0.0)
        )
    finally:
        await crowd.stop()
    if not reason:
        result.findings.append("/readyz never said that nothing can be stored")
    return result, reason


async def failed_flush_then_kill(place: DiskSite, seed: str) -> Outcome:
    """A flush fails, the node is killed and comes back, works on, and then the power fails.

    What the failed flush left in the write-ahead log can be read, but is not on the disk and no later flush brings it
    there. Who builds on it loses what was acknowledged afterwards.
    """
    random, crowd = Random(seed), Crowd(place.site.stations_url, STATIONS, seed)
    crowd.start()
    try:
        await place.site.start()
        await _more(crowd)
        place.shim.die_of_failure(True)
        place.shim.fail(**BROKEN_FLUSHES)
        await _failed(place, 1)
        await place.site.kill()
        place.disk.adopt()
        place.shim.die_of_failure(False)
        place.shim.heal()
        with closing(_onlooker(place)):
            await place.site.start()
            await _more(crowd)
            await place.site.kill()
        place.disk.lose_power(random, 0.0)
        await place.site.start()
        return await delivered(place.site, crowd, seed, 1)
    finally:
        await crowd.stop()


def _onlooker(place: DiskSite) -> sqlite3.Connection:
    """Somebody who looks into the database after the crash: while he does, SQLite keeps its write-ahead log."""
    connection = sqlite3.connect(place.site.directory / "releve.db")
    connection.execute("SELECT count(*) FROM transactions").fetchall()
    return connection


async def _more(crowd: Crowd) -> None:
    """Wait until the stations got some answers more."""
    wanted = crowd.acknowledged + LEAST
    while crowd.acknowledged < wanted:
        await crowd.heard()


async def _not_ready(place: DiskSite) -> str:
    """Wait until `/readyz` refuses; its reason, "" if it never does. `/healthz` must be answered all the while."""

    async def refuses() -> Any:
        alive, _ = await place.site.probe("/healthz")
        assert alive == 200, "the process cannot be asked what is wrong"
        status, about = await place.site.probe("/readyz")
        return about["reason"] if status == 503 else None

    try:
        reason: str = await _until(refuses, TELLING_S)
    except TimeoutError:
        return ""
    return reason


async def _failed(place: DiskSite, count: int) -> None:
    async def enough() -> Any:
        await asyncio.sleep(0.005)  # the counters are in shared memory: nothing tells of them
        return sum(place.shim.failures) >= count

    await _until(enough)


async def _until(found: Callable[[], Any], within_s: float = WAIT_S) -> Any:
    async with asyncio.timeout(within_s):
        while not (result := await found()):
            pass
    return result
