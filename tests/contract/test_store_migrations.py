"""Migrations lead to the very schema that `tables` describes, and can be relied on while they run."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import stat
from datetime import UTC, datetime
from importlib import import_module

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from releve import storage
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.trusted_authority import AuthorityUse, TrustedAuthority
from releve.services.certificates.pem import fingerprint
from releve.services.trusted_authorities import authority_of
from releve.storage import searching
from releve.storage.tables import metadata
from tests.support.pki import NOW, authority
from tests.support.postgres import temporary_database
from tests.support.stores import opened

# The package shows the function of this name; the tests want the module behind it.
module = import_module("releve.storage.migrate")


@pytest.fixture
def fresh_postgres(postgres_server):
    """A PostgreSQL database of this test's own."""
    with temporary_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh_url(request, tmp_path):
    """An empty database of each kind, this test's own."""
    if request.param == "postgres":
        return request.getfixturevalue("fresh_postgres")
    return f"sqlite:///{tmp_path}/releve.db"


def sqlite_schema(path):
    """Every statement that made the schema, without what differs in spelling only."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    ).fetchall()
    connection.close()
    return {
        name: _canonical(sql)
        for name, sql in rows
        if name not in ("alembic_version", searching.WORDS) and not name.startswith("sqlite_")
    }


def _canonical(sql):
    head, _, body = re.sub(r"\s+", " ", sql).partition("(")
    parts = re.split(r", (?=[A-Za-z_]+ |CONSTRAINT)", body)
    return head.strip(), sorted(part.strip(" )") for part in parts)


async def test_sqlite_has_the_tables_that_are_described(tmp_path):
    await storage.migrate(f"sqlite:///{tmp_path}/migrated.db")
    engine = create_engine(f"sqlite:///{tmp_path}/described.db")
    metadata.create_all(engine)
    engine.dispose()
    assert sqlite_schema(tmp_path / "migrated.db") == sqlite_schema(tmp_path / "described.db")


async def test_sqlite_is_told_how_large_each_index_is(tmp_path):
    await storage.migrate(f"sqlite:///{tmp_path}/releve.db")
    connection = sqlite3.connect(tmp_path / "releve.db")
    indexes = connection.execute(
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND tbl_name != 'alembic_version'"
        " UNION SELECT name, name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"
    ).fetchall()
    told = {
        (table, index): figures
        for table, index, figures in connection.execute("SELECT tbl, idx, stat FROM sqlite_stat1")
    }
    # The key of a table without rowid is the table; SQLite lists no index of its own for it.
    own = {
        (table, index)
        for table, index in indexes
        if index != f"sqlite_autoindex_{table}_1" or table != "sample_spans"
    }
    assert told.keys() == own
    for (_, index), figures in told.items():
        columns = list(connection.execute(f'PRAGMA index_info("{index}")'))
        assert len(figures.split()) == 1 + (len(columns) or 3), index
    connection.close()


@pytest.mark.postgres
async def test_postgres_has_the_tables_that_are_described(fresh_postgres):
    await storage.migrate(fresh_postgres)
    migrated = await postgres_schema(fresh_postgres)
    differences = await module._with_connection(
        fresh_postgres, lambda c: compare_metadata(MigrationContext.configure(c), metadata)
    )
    assert [each for each in differences if "_trigram" not in str(each)] == []
    connection = await asyncpg.connect(fresh_postgres)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    await module._with_connection(fresh_postgres, metadata.create_all)
    assert migrated == await postgres_schema(fresh_postgres)


async def postgres_schema(url):
    """Columns, indexes and constraints, as the server describes them."""
    connection = await asyncpg.connect(url)
    columns = await connection.fetch(
        "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    indexes = await connection.fetch(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    )
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    await connection.close()
    found = [tuple(row) for row in (*columns, *indexes, *constraints)]
    # Trigram indexes are made where the server can (`storage.searching`); they are not part of the schema.
    return [
        row for row in found if "alembic_version" not in str(row) and "_trigram" not in str(row)
    ]


@pytest.mark.postgres
async def test_a_server_without_trigrams_will_do(fresh_postgres, monkeypatch):
    assert await module._with_connection(fresh_postgres, searching.help_searching) is False
    await storage.migrate(fresh_postgres)
    connection = await asyncpg.connect(fresh_postgres)
    names = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE '%_trigram'"
    has = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
    made = await connection.fetchval(names)
    assert made == (len(searching.COLUMNS) if await connection.fetchval(has) else 0)
    await connection.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
    assert await connection.fetchval(names) == 0
    await connection.close()
    monkeypatch.setattr(searching, "COLUMNS", (("stations", "no_such_column"),))
    assert await module._with_connection(fresh_postgres, searching.help_searching) is False
    assert await storage.migrate(fresh_postgres) == [], "the schema is as it was"


async def test_migrating_is_told_and_done_once(fresh_url):
    missing = await storage.pending_migrations(fresh_url)
    assert missing == sorted(missing)
    assert missing
    assert await storage.migrate(fresh_url) == missing
    assert await storage.migrate(fresh_url) == []
    assert await storage.pending_migrations(fresh_url) == []


async def test_processes_that_migrate_together_do_not_meet(fresh_url):
    applied = await asyncio.gather(*(storage.migrate(fresh_url) for _ in range(4)))
    assert sorted(map(len, applied))[:3] == [0, 0, 0]
    assert max(applied, key=len)


async def test_a_migration_that_fails_leaves_nothing(fresh_url, monkeypatch):
    upgrade = module._upgrade

    def broken(connection):
        upgrade(connection)
        raise OSError("the power went")

    monkeypatch.setattr(module, "_upgrade", broken)
    with pytest.raises(storage.StoreUnavailable, match="the power went"):
        await storage.migrate(fresh_url)
    monkeypatch.undo()
    assert await storage.pending_migrations(fresh_url), "as if it had never begun"
    assert await storage.migrate(fresh_url)


async def test_a_new_file_is_its_owners_alone(tmp_path):
    directory = tmp_path / "new" / "deep"
    await storage.migrate(f"sqlite:///{directory}/releve.db")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "releve.db").stat().st_mode) == 0o600


async def test_a_place_where_no_file_can_be_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(storage.StoreUnavailable):
        await storage.migrate(f"sqlite:///{tmp_path}/file/releve.db")


def _filing(rows):
    """Writes documents as they were on the day."""
    insert = sa.text("INSERT INTO documents VALUES (:operator, :kind, :key, :value)")
    names = ("operator", "kind", "key", "value")
    return lambda c: c.execute(insert, [dict(zip(names, row, strict=True)) for row in rows])


async def test_trust_anchors_join_the_register_of_authorities(fresh_url, monkeypatch):
    """What was in either register is in the one there is now, with what it was believed for."""
    whole = ScriptDirectory._upgrade_revs
    with monkeypatch.context() as patched:
        patched.setattr(ScriptDirectory, "_upgrade_revs", lambda s, _, at: whole(s, "0010", at))
        await storage.migrate(fresh_url)
    both, alone = authority("Both"), authority("Alone")
    rows = []
    for ca in (both, alone):
        root = ca.root.certificate
        anchor = {
            "fingerprint": fingerprint(root),
            "name": "L\u00e9a",
            "pem": ca.anchor,
            "subject": root.subject.rfc4514_string(),
            "not_after": root.not_valid_after_utc.isoformat(),
            "added_at": "2026-03-01T12:00:00Z",
        }
        rows.append((1, "trust-anchor", fingerprint(root), json.dumps(anchor)))
    known = authority_of(
        both.root.certificate, [AuthorityUse.V2G_ROOT], NOW, label="Known", by="ada"
    )
    text = msgspec.json.encode(known).decode()
    rows.append((1, "trusted-authority", known.key, text))
    await module._with_connection(fresh_url, _filing(rows))
    missing = await storage.pending_migrations(fresh_url)
    assert missing[0] == "0011"
    await storage.migrate(fresh_url)

    async with opened(fresh_url) as store, store.work(DEFAULT_OPERATOR) as work:
        found = {a.key: a for a in await work.documents.all(TrustedAuthority)}
    assert found.pop(known.key) == msgspec.structs.replace(
        known, uses=(AuthorityUse.V2G_ROOT, AuthorityUse.STATION)
    )
    added = datetime(2026, 3, 1, 12, tzinfo=UTC)
    moved = authority_of(alone.root.certificate, [AuthorityUse.STATION], added, label="Léa")
    assert found == {moved.key: moved}
    left = await module._with_connection(
        fresh_url,
        lambda c: c.scalar(sa.text("SELECT count(*) FROM documents WHERE kind = 'trust-anchor'")),
    )
    assert left == 0


def test_every_row_belongs_to_an_operator():
    for table in metadata.sorted_tables:
        if table.name != "operators":
            assert not table.c.operator_id.nullable, table.name


async def test_a_database_of_a_newer_version_is_left_alone(fresh_url):
    await storage.migrate(fresh_url)
    await module._with_connection(
        fresh_url,
        lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'").rowcount,
    )
    for ask in (storage.migrate, storage.pending_migrations):
        with pytest.raises(storage.StoreUnavailable, match="newer"):
            await ask(fresh_url)
