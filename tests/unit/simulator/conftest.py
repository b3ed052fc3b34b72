"""A scripted CSMS and scripted stations for the simulator's tests."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from releve.simulator import SimStation, WallClock
from tests.unit.simulator.csms import Csms
from tests.unit.simulator.shelf import Shelf

VERSIONS = ["1.6", "2.0.1", "2.1"]
V2 = ["2.0.1", "2.1"]


@pytest.fixture
async def csms() -> AsyncIterator[Csms]:
    """Accepts everything; at the end, everything that stations sent must have met its schema."""
    async with Csms() as running:
        yield running
        assert running.broken == []


@pytest.fixture
async def lax_csms() -> AsyncIterator[Csms]:
    """As `csms`, for stations that bend the rules."""
    async with Csms(validate=False) as running:
        yield running


@pytest.fixture
async def switch_on() -> AsyncIterator[Callable[..., Any]]:
    """Makes stations; with `boot=True` (the default) they are connected and in operation."""
    async with AsyncExitStack() as stack:

        async def make(
            csms: Csms,
            version: str = "1.6",
            identity: str = "CP-1",
            boot: bool = True,
            **options: Any,
        ) -> SimStation:
            if "clock" in options:
                csms.clock = options["clock"].now  # both sides live in the same time
            station = SimStation(version, identity, csms.url, reboot_s=0.0, **options)
            await stack.enter_async_context(station)
            if boot:
                await station.connect()
                await station.boot()
            return station

        yield make


@pytest.fixture
async def hurried() -> WallClock:
    """Time that passes a thousand times faster, for waits that are not the matter of a test."""
    return WallClock(speed=1000.0)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    running = Shelf()
    yield running
    running.close()
