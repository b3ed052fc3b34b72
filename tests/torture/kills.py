"""kill -9 at random moments under load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.torture.audit import audit
from tests.torture.site import Site
from tests.torture.stations import Crowd

STATIONS = 8
EARLY = 0.12
"""Share of the kills that hit the node while it starts: before it is known to have answered anybody."""
STARTING_S = 0.8
RUNNING_S = 0.12
PACE_S = (0.0, 0.03)
"""Between a station's messages: enough that some are always under way, and that the machine has time to kill."""


@dataclass(slots=True)
class Outcome:
    """What a run of faults amounts to. findings: empty when nothing was lost or doubled."""

    seed: str
    faults: int
    acknowledged: int = 0
    transactions: int = 0
    repeated: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count another run with this one."""
        self.faults += other.faults
        self.acknowledged += other.acknowledged
        self.transactions += other.transactions
        self.repeated += other.repeated
        self.findings += [f"seed {other.seed}: {finding}" for finding in other.findings]

    def __str__(self) -> str:
        numbers = (
            f"seed {self.seed}: {self.faults} faults, {self.acknowledged} acknowledged messages"
            f" in {self.transactions} transactions, {self.repeated} repeated"
        )
        return "\n".join([numbers, *(f"  {finding}" for finding in self.findings[:20])])


async def killed(site: Site, count: int, seed: str) -> Outcome:
    """Kill the node `count` times while stations charge; let them finish; compare books."""
    random = Random(seed)
    crowd = Crowd(site.stations_url, STATIONS, seed)
    crowd.pace(*PACE_S)
    crowd.start()
    try:
        for _ in range(count):
            await site.start()
            await mischief(crowd, random)
            await site.kill()
        return await ending(site, crowd, seed, count)
    finally:
        await crowd.stop()


async def mischief(crowd: Crowd, random: Random) -> None:
    """Let the node run up to the moment of its fault: a random one, of which no seed of ours decides the last digit."""
    if random.random() < EARLY:
        await asyncio.sleep(random.uniform(0, STARTING_S))
    else:
        await crowd.heard()
        await asyncio.sleep(random.uniform(0, RUNNING_S))


async def ending(site: Site, crowd: Crowd, seed: str, faults: int) -> Outcome:
    """Start the node for the last time, let the stations deliver everything, and audit what it leaves behind."""
    await site.start()
    return await delivered(site, crowd, seed, faults)


async def delivered(
    site: Site,
    crowd: Crowd,
    seed: str,
    faults: int,
    afterwards: Callable[[], None] = lambda: None,
) -> Outcome:
    """The same while the node runs already. afterwards: what befalls the files between its end and the audit."""
    undelivered = False
    try:
        await crowd.finish()
    except TimeoutError:
        undelivered = True
    await site.kill()
    afterwards()
    result = Outcome(
        seed,
        faults,
        crowd.acknowledged,
        sum(len(book.charges) for book in crowd.books),
        sum(station.repeated for station in crowd.stations),
        await audit(site.database_url, crowd.books),
    )
    if undelivered:
        result.findings.append("the stations could not deliver what they had")
    return result
