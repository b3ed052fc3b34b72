"""kill -9 in the middle of traffic: everything acknowledged is there afterwards, and nothing twice.

A real process, real sockets, real databases. `make torture` kills a thousand times on each database.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Unreachable, temporary_database
from tests.torture.kills import killed
from tests.torture.site import site

KILLS = 25
KILLS_ON_POSTGRES = 8
KILLS_OF_A_LIAR = 4


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", ["first", "second"])
async def test_what_was_acknowledged_survives_fifty_kills(tmp_path: Path, seed: str) -> None:
    async with site(tmp_path) as place:
        outcome = await killed(place, KILLS, seed)
    assert not outcome.findings, outcome
    assert outcome.acknowledged > KILLS
    assert outcome.repeated > 0, "no kill came in between a message and its answer"


@pytest.fixture
def own_database(postgres_server: str) -> Iterator[str]:
    """A database that no other test of this worker uses; dropped afterwards."""
    with temporary_database(postgres_server) as url:
        assert not isinstance(url, Unreachable)
        yield url


@pytest.mark.postgres
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_survives_kills_on_postgres(
    tmp_path: Path, own_database: str
) -> None:
    async with site(tmp_path, own_database) as place:
        outcome = await killed(place, KILLS_ON_POSTGRES, "postgres")
    assert not outcome.findings, outcome
    assert outcome.acknowledged > KILLS_ON_POSTGRES


@pytest.mark.timeout(200)
async def test_a_build_that_answers_before_its_commit_is_found_out(tmp_path: Path) -> None:
    """The twin: the same test fails on a node that lets its handlers answer too early."""
    async with site(tmp_path) as place:
        place.broken = ["acknowledge-early"]
        outcome = await killed(place, KILLS_OF_A_LIAR, "liar")
    assert any(
        "lost" in finding or "not in the database" in finding for finding in outcome.findings
    ), outcome
