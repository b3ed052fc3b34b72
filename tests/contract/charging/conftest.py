"""Stations that talk to the real services and store, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.ocpp.version import Version
from tests.support.ledger import Bench, opened
from tests.support.talk import NOON, Card, Talk

_numbers = count(1)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One store for all; each test has stations and tokens of its own."""
    made, end = opened(tmp_path_factory.mktemp("charging"))
    yield made
    end()


@pytest.fixture
def card(bench: Bench) -> Card:
    """Registers a token that no other test uses."""

    def register(**about: Any) -> str:
        value = f"CARD{next(_numbers):04}"
        bench.run(bench.services.tokens.add(DEFAULT_OPERATOR, value, **about))
        return value

    return register


def _talk(bench: Bench, version: Version) -> Talk:
    bench.clock.at = NOON + timedelta(hours=1)
    return Talk(bench, version)


@pytest.fixture(params=list(Version), ids=lambda version: version.label)
def station(request: pytest.FixtureRequest, bench: Bench) -> Talk:
    """A station of each version."""
    return _talk(bench, request.param)


@pytest.fixture
def old(bench: Bench) -> Talk:
    """A 1.6 station."""
    return _talk(bench, Version.V16)


@pytest.fixture(params=[Version.V201, Version.V21], ids=lambda version: version.label)
def new(request: pytest.FixtureRequest, bench: Bench) -> Talk:
    """A station of each 2.x version."""
    return _talk(bench, request.param)
