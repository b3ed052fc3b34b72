"""Kinds of columns as the first migrations meant them. Released: a new meaning gets a new name."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

Column = sa.Column[Any]


def key(name: str) -> Column:
    """A row id."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def number(name: str, *, nullable: bool = False) -> Column:
    """A 64-bit integer, a time in microseconds among them."""
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def real(name: str) -> Column:
    """A measured number, or none."""
    return sa.Column(name, sa.Double(), nullable=True)


def flag(name: str) -> Column:
    """False unless told."""
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def text(name: str, *, nullable: bool = False) -> Column:
    """Text."""
    return sa.Column(name, sa.Text(), nullable=nullable)


def words(name: str) -> Column:
    """Text that is empty rather than absent."""
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def ordered(name: str) -> Column:
    """Text in the same order in both databases."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def of_station(table: str) -> sa.ForeignKeyConstraint:
    """The station that a row is about, of the same operator."""
    return sa.ForeignKeyConstraint(
        ["operator_id", "station_id"],
        ["stations.operator_id", "stations.id"],
        name=op.f(f"fk_{table}_stations"),
    )


def index(
    name: str, table: str, columns: list[str], *, where: str | None = None, unique: bool = False
) -> None:
    """An index, over the rows that meet `where`."""
    condition = None if where is None else sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )
