"""Power losses at random moments under load, on the modelled disk below SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from tests.torture.disk.model import Disk
from tests.torture.disk.shim import Shim, build
from tests.torture.kills import PACE_S, STATIONS, Outcome, ending, mischief
from tests.torture.site import Site, site
from tests.torture.stations import Crowd

FLUSH_S = 0.004
"""How long a flush takes: a disk's own time, in which a write is not yet safe."""


class DiskSite:
    """A site whose files lie on a modelled disk."""

    def __init__(self, site: Site, shim: Shim, disk: Disk) -> None:
        self.site = site
        self.shim = shim
        self.disk = disk


@asynccontextmanager
async def disk_site(directory: Path, broken: Sequence[str] = ()) -> AsyncIterator[DiskSite]:
    """A site on a modelled disk in `directory`. disk.shim.NoCompiler where the shim cannot be made."""
    shim = Shim(build(directory), directory, directory / "data")
    shim.slow_flushes(FLUSH_S)
    async with site(directory, **shim.environment) as where:
        where.broken = broken
        yield DiskSite(where, shim, Disk(where.directory, shim.journal))


async def without_power(place: DiskSite, count: int, seed: str) -> Outcome:
    """Cut the power `count` times while stations charge; let them finish; compare books."""
    random = Random(seed)
    crowd = Crowd(place.site.stations_url, STATIONS, seed)
    crowd.pace(*PACE_S)
    crowd.start()
    secret = place.site.directory / "releve.secret"
    secrets = set()
    try:
        for _ in range(count):
            await place.site.start()
            await mischief(crowd, random)
            await place.site.kill()
            place.disk.lose_power(random)
            if crowd.acknowledged:
                secrets.add(secret.read_text("ascii") if secret.exists() else "")
        result = await ending(place.site, crowd, seed, count)
    finally:
        await crowd.stop()
    if len(secrets) != 1:
        result.findings.append(f"the install's secret changed: {len(secrets)} different ones")
    return result
