"""What tables' unique keys are called in front of an operator."""

from __future__ import annotations

_TAKEN = {
    "stations": "station identity",
    "tokens": "token",
    "users": "user name",
    "api_keys": "API key",
    "sign_ins": "sign-in",
    "transactions": "transaction reference",
    "operators": "operator",
}


def taken(table: str) -> str:
    """The words for `Conflict.what` when a unique key of `table` is taken."""
    return _TAKEN.get(table, table.replace("_", " "))
