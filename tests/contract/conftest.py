"""Stores for contract tests: every test that asks for one runs on each database."""

from __future__ import annotations

import pytest

from releve import storage
from tests.support.stores import Heard, TurnedClock, emptied, is_postgres, opened


@pytest.fixture
def clock():
    """A clock that the test turns; the store's own."""
    return TurnedClock()


@pytest.fixture
def heard():
    """What the store has published."""
    return Heard()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    """An empty database of each kind (PostgreSQL's may have our tables already)."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/releve.db"


@pytest.fixture
async def store_url(database_url):
    """A migrated database without stations."""
    if is_postgres(database_url):
        return await emptied(database_url)
    await storage.migrate(database_url)
    return database_url


@pytest.fixture
async def store(store_url, clock, heard):
    """An open store on each database."""
    async with opened(store_url, clock=clock, bus=heard) as store:
        yield store


@pytest.fixture
async def sqlite_url(tmp_path):
    """A migrated SQLite file, for what is SQLite's own."""
    url = f"sqlite:///{tmp_path}/releve.db"
    await storage.migrate(url)
    return url


@pytest.fixture
async def server_url(postgres_url):
    """A migrated, empty PostgreSQL database, for what is PostgreSQL's own."""
    return await emptied(postgres_url)
