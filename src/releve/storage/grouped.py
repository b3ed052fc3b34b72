"""One query for many keys: `SELECT ... WHERE id = $1` for a list of ids, in one statement. PostgreSQL's words.

The query stands as it is in a LATERAL join; its parameters become columns of the list of keys. So there is no second
text to keep in step with the first, and the plan for each key is the plan of the query alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_PARAMETER = re.compile(r"\$(\d+)::(\w+)")
_ANY = re.compile(r"\$(\d+)")
_ARRAYS = {
    "BIGINT": "bigint[]",
    "INTEGER": "integer[]",
    "VARCHAR": "text[]",
    "TEXT": "text[]",
    "BOOLEAN": "boolean[]",
}


def grouped(sql: str) -> str | None:
    """A statement for lists in the place of values; the key's place in the lists (from 1) comes first in each row.

    None where that cannot be: without parameters, or with one whose type the text does not name.
    """
    kinds = {int(number): kind for number, kind in _PARAMETER.findall(sql)}
    numbers = {int(number) for number in _ANY.findall(sql)}
    if not numbers or kinds.keys() != numbers or not _ARRAYS.keys() >= set(kinds.values()):
        return None
    places = range(1, len(kinds) + 1)
    lists = ", ".join(f"${n}::{_ARRAYS[kinds[n]]}" for n in places)
    columns = ", ".join(f"p{n}" for n in places)
    own = _PARAMETER.sub(lambda found: f"keys.p{found[1]}::{found[2]}", sql)
    # row_number: LATERAL promises no order of what a query gives, and order means something here.
    return (
        f"SELECT keys.place, found.* FROM unnest({lists}) WITH ORDINALITY AS keys({columns}, place)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT row_number() OVER () AS rank_, own.* FROM ({own}) AS own) AS found"
        " ORDER BY keys.place, found.rank_"
    )


def separated(rows: Sequence[Sequence[Any]], count: int) -> list[list[tuple[Any, ...]]]:
    """The rows of each key, in the order of the keys."""
    found: list[list[tuple[Any, ...]]] = [[] for _ in range(count)]
    for place, _, *row in rows:
        found[place - 1].append(tuple(row))
    return found
