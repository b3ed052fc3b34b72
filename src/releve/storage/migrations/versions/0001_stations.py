"""Operators, stations, and who may do what.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import (
    flag,
    index,
    key,
    number,
    of_station,
    ordered,
    text,
    words,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Operators, stations, and who may do what."""
    _operators()
    _api_keys()
    _stations()
    _tokens()
    _users()
    _evses()
    _sign_ins()
    _variables()
    op.execute("INSERT INTO operators (id, slug, name, created_at) VALUES (1, 'default', '', 0)")


def _operators() -> None:
    op.create_table(
        "operators",
        key("id"),
        text("slug"),
        words("name"),
        number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("slug", name=op.f("uq_operators_slug")),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        key("id"),
        number("operator_id"),
        text("name"),
        text("digest"),
        words("hint"),
        text("scopes"),
        number("created_at"),
        number("expires_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_api_keys_operators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )


def _stations() -> None:
    op.create_table(
        "stations",
        key("id"),
        number("operator_id"),
        text("identity"),
        ordered("identity_key"),
        words("name"),
        words("site"),
        text("boot"),
        flag("quarantined"),
        flag("disabled"),
        text("version", nullable=True),
        words("vendor"),
        words("model"),
        words("serial"),
        words("firmware"),
        number("security_profile"),
        text("credential", nullable=True),
        number("booted_at", nullable=True),
        flag("registered"),
        number("heartbeat_s", nullable=True),
        number("created_at"),
        words("search"),
        sa.Column("online_state", sa.Text(), server_default="unknown", nullable=False),
        number("online_since", nullable=True),
        number("last_heard_at", nullable=True),
        words("peer"),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        number("removed_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_stations_operators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("operator_id", "id", name=op.f("uq_stations_operator_id_id")),
    )
    _stations_indexes()


def _stations_indexes() -> None:
    index("ix_stations_key", "stations", ["operator_id", "identity_key", "id"])
    index(
        "uq_stations_identity",
        "stations",
        ["operator_id", "identity"],
        where="removed_at IS NULL",
        unique=True,
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        key("id"),
        number("operator_id"),
        text("value"),
        ordered("value_key"),
        text("type"),
        text("type_key"),
        words("label"),
        text("group", nullable=True),
        flag("blocked"),
        number("expires_at", nullable=True),
        flag("master"),
        flag("concurrent"),
        number("created_at"),
        words("search"),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_tokens_operators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint(
            "operator_id",
            "value_key",
            "type_key",
            name=op.f("uq_tokens_operator_id_value_key_type_key"),
        ),
    )


def _users() -> None:
    op.create_table(
        "users",
        key("id"),
        number("operator_id"),
        text("name"),
        text("password"),
        text("role"),
        words("language"),
        flag("disabled"),
        number("created_at"),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_users_operators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        sa.UniqueConstraint("operator_id", "id", name=op.f("uq_users_operator_id_id")),
    )


def _evses() -> None:
    op.create_table(
        "evses",
        number("operator_id"),
        key("station_id"),
        number("evse"),
        number("connector"),
        text("status"),
        text("charging", nullable=True),
        words("reported"),
        words("error"),
        words("info"),
        words("vendor_error"),
        number("reported_at", nullable=True),
        number("received_at", nullable=True),
        of_station("evses"),
        sa.PrimaryKeyConstraint("station_id", "evse", "connector", name=op.f("pk_evses")),
    )


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        text("digest"),
        key("user_id"),
        number("operator_id"),
        number("created_at"),
        number("expires_at"),
        sa.ForeignKeyConstraint(
            ["operator_id", "user_id"],
            ["users.operator_id", "users.id"],
            name=op.f("fk_sign_ins_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_ins")),
    )
    index("ix_sign_ins_expiry", "sign_ins", ["expires_at"])
    index("ix_sign_ins_user", "sign_ins", ["user_id"])


def _variables() -> None:
    op.create_table(
        "variables",
        number("operator_id"),
        key("station_id"),
        words("component"),
        words("component_instance"),
        words("variable"),
        words("instance"),
        number("evse"),
        number("connector"),
        words("attribute"),
        text("value", nullable=True),
        words("mutability"),
        words("data_type"),
        words("unit"),
        words("values_list"),
        number("reported_at"),
        of_station("variables"),
        sa.PrimaryKeyConstraint(
            "station_id",
            "component",
            "variable",
            "instance",
            "component_instance",
            "evse",
            "connector",
            "attribute",
            name=op.f("pk_variables"),
        ),
    )
