"""The database fixture gives each worker a database of its own, and takes it away again."""

import asyncpg
import pytest

from tests.support.postgres import Unreachable, temporary_database


@pytest.mark.postgres
async def test_the_fixture_gives_an_empty_database(postgres_url):
    connection = await asyncpg.connect(postgres_url)
    try:
        name = await connection.fetchval("SELECT current_database()")
    finally:
        await connection.close()
    assert name.startswith("releve_test_")


@pytest.mark.postgres
def test_a_database_is_dropped_at_the_end(postgres_server):
    with temporary_database(postgres_server) as url:
        assert isinstance(url, str)
    with temporary_database(url) as gone:
        assert isinstance(gone, Unreachable)


def test_a_server_that_is_not_there_is_a_reason(unused_tcp_port):
    with temporary_database(f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/x") as outcome:
        assert isinstance(outcome, Unreachable)
        assert "127.0.0.1" in outcome.reason or "refused" in outcome.reason.lower()
