"""Statements that write rows, many at a time: one text per statement and database, made from the tables.

SQLAlchemy's own path costs several times more per row than the row itself, so the hot path does without: a row is a
tuple, PostgreSQL takes columns as arrays (`unnest`), SQLite takes several rows in one VALUES list, because each step of
a statement lets go of the interpreter lock and has to get it back.
"""

# ruff: noqa: S608 -- texts are made of names in `tables.py` and nothing else; values are always parameters
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Table, Text
from sqlalchemy.types import TypeEngine

Row = tuple[object, ...]

_ARRAYS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (BigInteger, "bigint[]"),
    (Double, "double precision[]"),
    (Boolean, "boolean[]"),
    (Text, "text[]"),
)


@dataclass(frozen=True, slots=True)
class Value:
    """How a domain value (it has an `id`) becomes a row, for statements whose rows are values until they are written.

    whole: the row of the statement itself. write: the short form of the statement, short: its row. rest: what the short
    form leaves out; where that is on disk already, the short form is enough (`kept.py`).
    """

    whole: Callable[[Any], Row]
    write: Write
    short: Callable[[Any], Row]
    rest: Callable[[Any], object]


class Write:
    """One kind of statement: what it does with rows of the columns named.

    table: where. columns: what a row has, in order. keyed: rows come with a key; of several rows with the same key in
    one batch only the last one counts. value: set when rows are domain values that become rows when they are written.
    """

    __slots__ = ("columns", "keyed", "postgres", "sqlite", "table", "value")

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        keyed: bool,
        sqlite: tuple[str, str],
        postgres: tuple[str, str],
        value: Value | None = None,
    ) -> None:
        self.table = table
        self.columns = tuple(columns)
        self.keyed = keyed
        self.value = value
        row = "(" + ",".join("?" * len(self.columns)) + ")"

        @cache
        def sqlite_text(rows: int) -> str:
            return sqlite[0] + ",".join([row] * rows) + sqlite[1]

        self.sqlite = sqlite_text
        self.postgres = postgres[0] + _unnest(table, self.columns) + postgres[1]

    def __repr__(self) -> str:
        return f"<Write {self.postgres[:60]}>"


def insert(table: Table, columns: Sequence[str]) -> Write:
    """Add rows; a taken key is an error."""
    return _insert(table, columns, "", keyed=False)


def insert_new(table: Table, columns: Sequence[str]) -> Write:
    """Add rows; those whose key is there already are left out."""
    return _insert(table, columns, " ON CONFLICT DO NOTHING", keyed=False)


def merge(table: Table, columns: Sequence[str], key: Sequence[str]) -> Write:
    """Add rows, or replace all that is not key of those that are there; never another operator's."""
    rest = [name for name in columns if name not in key and name != "operator_id"]
    tail = (
        f" ON CONFLICT ({_names(key)}) DO UPDATE SET "
        + ",".join(f"{_q(name)}=excluded.{_q(name)}" for name in rest)
        + f" WHERE {_q(table.name)}.operator_id = excluded.operator_id"
    )
    return _insert(table, columns, tail, keyed=True)


def update(
    table: Table,
    key: Sequence[str],
    values: Sequence[str],
    *,
    only: str = "",
    saved: Value | None = None,
) -> Write:
    """Change rows found by `key`. A row is the key's values, then the new ones.

    only: a further condition on the table `t` and the values `v`, with `{name}` for a value's column. saved: rows are
    domain values.
    """
    columns = (*key, *values)
    place = {name: f"column{n}" for n, name in enumerate(columns, start=1)}

    def text(value: dict[str, str]) -> tuple[str, str]:
        changes = ",".join(f"{_q(name)}=v.{value[name]}" for name in values)
        match = " AND ".join(f"t.{_q(name)}=v.{value[name]}" for name in key)
        more = f" AND ({only.format(**value)})" if only else ""
        return f"UPDATE {_q(table.name)} AS t SET {changes} FROM ", f" WHERE {match}{more}"

    head, tail = text(place)
    own = {name: _q(name) for name in columns}
    head_pg, tail_pg = text(own)
    return Write(
        table,
        columns,
        keyed=True,
        sqlite=(head + "(VALUES ", ") AS v" + tail),
        postgres=(head_pg, f" AS v({_names(columns)})" + tail_pg),
        value=saved,
    )


def delete(table: Table, key: Sequence[str]) -> Write:
    """Remove rows found by `key`. Not for tables without rowid.

    SQLite 3.40 deletes nothing by `(a, b) IN (VALUES ...)` where a foreign key refers to a unique index of both; hence
    the way by rowid.
    """
    name = _q(table.name)
    match = " AND ".join(f"t.{_q(part)}=v.{_q(part)}" for part in key)
    numbered = " AND ".join(f"t.{_q(part)}=v.column{n}" for n, part in enumerate(key, start=1))
    return Write(
        table,
        key,
        keyed=True,
        sqlite=(
            f"DELETE FROM {name} WHERE rowid IN (SELECT t.rowid FROM (VALUES ",
            f") AS v CROSS JOIN {name} AS t ON {numbered})",
        ),
        postgres=(f"DELETE FROM {name} AS t USING ", f" AS v({_names(key)}) WHERE {match}"),
    )


def _insert(table: Table, columns: Sequence[str], tail: str, *, keyed: bool) -> Write:
    head = f"INSERT INTO {_q(table.name)} ({_names(columns)}) "
    return Write(
        table,
        columns,
        keyed=keyed,
        sqlite=(head + "VALUES ", tail),
        postgres=(head + "SELECT * FROM ", tail),
    )


def _unnest(table: Table, columns: Sequence[str]) -> str:
    arrays = (f"${n}::{_array(table, name)}" for n, name in enumerate(columns, start=1))
    return f"unnest({','.join(arrays)})"


def _array(table: Table, column: str) -> str:
    kind = table.c[column].type
    return next(name for cls, name in _ARRAYS if isinstance(kind, cls))


def _q(name: str) -> str:
    return f'"{name}"'


def _names(names: Sequence[str]) -> str:
    return ",".join(map(_q, names))
