"""Who may charge, and who may look and act."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from releve.storage.tables.columns import (
    Ordered,
    flag,
    key,
    listed,
    metadata,
    number,
    primary,
    time,
    words,
)

tokens = Table(
    "tokens",
    metadata,
    key(),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("value", Text, nullable=False),
    Column("value_key", Ordered, nullable=False),
    Column("type", Text, nullable=False),
    Column("type_key", Text, nullable=False),
    words("label"),
    Column("group", Text),
    flag("blocked"),
    time("not_before"),
    time("expires_at"),
    flag("master"),
    flag("concurrent"),
    Column("charge_limit", Text),
    listed("places"),
    listed("connector_types"),
    words("language"),
    words("language2"),
    words("message"),
    Column("priority", BigInteger),
    Column("cache_s", BigInteger),
    Column("credit", Text),
    words("currency"),
    time("created_at", nullable=False),
    Column("search", Ordered, nullable=False, server_default=""),
    primary("id"),
    UniqueConstraint("operator_id", "value_key", "type_key"),
)

users = Table(
    "users",
    metadata,
    key(),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("role", Text, nullable=False),
    words("language"),
    flag("disabled"),
    time("created_at", nullable=False),
    primary("id"),
    UniqueConstraint("operator_id", "id"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", Text, nullable=False),
    key("user_id"),
    number("operator_id"),
    time("created_at", nullable=False),
    time("expires_at", nullable=False),
    primary("digest"),
    ForeignKeyConstraint(
        ["operator_id", "user_id"], ["users.operator_id", "users.id"], ondelete="CASCADE"
    ),
)
Index("ix_sign_ins_user", sign_ins.c.user_id)
Index("ix_sign_ins_expiry", sign_ins.c.expires_at)

api_keys = Table(
    "api_keys",
    metadata,
    key(),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    words("hint"),
    Column("scopes", Text, nullable=False),
    time("created_at", nullable=False),
    time("expires_at"),
    primary("id"),
)
