"""PostgreSQL goes away and comes back under load: connections terminated, cut, black-holed, commits that come late."""

from __future__ import annotations

import asyncio
from random import Random

import asyncpg

from tests.torture.kills import PACE_S, STATIONS, Outcome, delivered
from tests.torture.proxy import Proxy, Weather
from tests.torture.site import Died, Site
from tests.torture.stations import Crowd

KINDS = ("terminate", "cut", "black-hole", "late-commit")
ANSWER_S = 2.0
"""How long the stations wait for an answer before they connect anew: real ones have more patience."""
STORM_S = 0.05


async def outages(
    site: Site, proxy: Proxy, count: int, seed: str, length_s: tuple[float, float]
) -> Outcome:
    """Let the server be away `count` times, each of the kinds in turn; the stations deliver afterwards."""
    random = Random(seed)
    crowd = Crowd(site.stations_url, STATIONS, seed, answer_s=ANSWER_S)
    crowd.pace(*PACE_S)
    await site.start()
    crowd.start()
    try:
        await site.ready()  # one that loses its database while it starts ends with the reason
        for number in range(count):
            await crowd.heard()
            await asyncio.sleep(random.uniform(0, 0.2))
            kind = KINDS[number % len(KINDS)]
            await _outage(site, proxy, kind, random.uniform(*length_s))
            await _back(site, crowd, f"seed {seed}, outage {number} ({kind})")
        return await delivered(site, crowd, seed, count)
    finally:
        await crowd.stop()


async def _back(site: Site, crowd: Crowd, fault: str) -> None:
    """Wait until a station is answered again. Died when that takes too long."""
    try:
        await crowd.heard()
    except TimeoutError:
        raise Died(f"{fault}: nobody is answered afterwards\n{site.said()}") from None


async def _outage(site: Site, proxy: Proxy, kind: str, length_s: float) -> None:
    if kind == "terminate":
        await _storm(site.database_url, length_s)
    elif kind == "late-commit":
        await proxy.let_commit_come_late(hold_s=5.0, late_s=min(length_s, 2.0))
    else:
        proxy.change(Weather(kind))
        await asyncio.sleep(length_s)
        proxy.change(Weather.FINE)


async def _storm(url: str, length_s: float) -> None:
    """Terminate every session that Relève has, again and again, as an impatient administrator would."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(length_s):
            while True:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                await asyncio.sleep(STORM_S)
    except TimeoutError:
        pass
    finally:
        await connection.close()
