"""What every table's columns are made of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Text,
    text,
)

NONE = -1
"""Stands for "absent" in key columns, which cannot be NULL."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The same order of text in both databases, whatever the server's locale: pages are cut by it.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")

# In SQLite only a key of the type "INTEGER" is the row's own place; any other costs an index beside the table.
RowId = BigInteger().with_variant(Integer, "sqlite")


def key(name: str = "id") -> Column[int]:
    """A row id: the row's own, or another's that must be named."""
    return Column(name, RowId, nullable=False, autoincrement=False)


def time(name: str, *, nullable: bool = True) -> Column[int]:
    """Microseconds since the epoch."""
    return Column(name, BigInteger, nullable=nullable)


def words(name: str) -> Column[str]:
    """Text that is empty rather than absent."""
    return Column(name, Text, nullable=False, server_default="")


def listed(name: str) -> Column[str]:
    """A JSON array, empty unless told."""
    return Column(name, Text, nullable=False, server_default="[]")


def flag(name: str) -> Column[bool]:
    """False unless told."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def number(name: str) -> Column[int]:
    """A 64-bit integer that must be there."""
    return Column(name, BigInteger, nullable=False)


def primary(*columns: str) -> PrimaryKeyConstraint:
    """The primary key, named by the convention."""
    return PrimaryKeyConstraint(*columns)


def of_station() -> ForeignKeyConstraint:
    """The station that a row is about, of the same operator."""
    return ForeignKeyConstraint(
        ["operator_id", "station_id"], ["stations.operator_id", "stations.id"]
    )
