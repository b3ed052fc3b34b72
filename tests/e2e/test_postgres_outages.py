"""PostgreSQL goes away under load and comes back: stations keep what was not answered, and deliver it afterwards.

The server itself is never stopped, other tests use it: its sessions are terminated, and a proxy of ours is the network
that fails. `make torture` has fifty outages.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Unreachable, temporary_database
from tests.torture.outages import KINDS, outages
from tests.torture.proxy import Proxy, Weather, proxied
from tests.torture.site import Site, site

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]
SHORT_S = (0.5, 1.5)


@pytest.fixture
def own_database(postgres_server: str) -> Iterator[str]:
    """A database that no other test of this worker uses; dropped afterwards."""
    with temporary_database(postgres_server) as url:
        assert not isinstance(url, Unreachable)
        yield url


@pytest.fixture
async def place(tmp_path: Path, own_database: str) -> AsyncIterator[tuple[Site, Proxy]]:
    """A site on a database of its own, behind a proxy."""
    async with proxied(own_database) as (proxy, through), site(tmp_path, own_database) as where:
        where.node_database_url = through
        yield where, proxy


async def test_outages_of_every_kind_lose_nothing(place: tuple[Site, Proxy]) -> None:
    outcome = await outages(*place, 2 * len(KINDS), "every", SHORT_S)
    assert not outcome.findings, outcome
    assert place[0].starts == 1


async def test_a_build_that_answers_before_its_commit_is_found_out(
    place: tuple[Site, Proxy],
) -> None:
    """The twin."""
    place[0].broken = ["acknowledge-early"]
    outcome = await outages(*place, len(KINDS), "liar", SHORT_S)
    assert any(
        "lost" in finding or "not in the database" in finding for finding in outcome.findings
    ), outcome


async def test_the_node_says_that_its_database_is_away(place: tuple[Site, Proxy]) -> None:
    where, proxy = place
    await where.start()
    await where.ready()
    proxy.change(Weather.CUT)
    async with asyncio.timeout(30):
        while (answer := await where.probe("/readyz"))[0] == 200:
            pass  # a commit of the last seconds still proves the store
    assert answer[0] == 503
    assert "PostgreSQL" in answer[1]["reason"]
    assert (await where.probe("/healthz"))[0] == 200
    proxy.change(Weather.FINE)
    async with asyncio.timeout(30):
        while (await where.probe("/readyz"))[0] != 200:
            pass  # each question makes the node try again
    await where.stop()
