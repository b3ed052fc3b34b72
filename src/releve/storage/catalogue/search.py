"""Searching among millions of transactions without looking at each of them.

What is searched for is looked up where there are few rows: which stations, which registered tokens could be meant? With
few of them their transactions are found by index, and the newest are picked. With many, going through the list from the
newest on meets enough of them soon. Either way the same transactions are found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from releve.domain.ids import OperatorId
from releve.storage.catalogue.base import Part
from releve.storage.paging import holds
from releve.storage.tables import stations, tokens, transactions

t = transactions.c

FEW = 300
"""Stations, and tokens. Some hundred transactions each are sorted in the time that a page may take; where more stations
match than this, of a hundred thousand, a page is full after some ten thousand transactions."""

MANY = 3_000
"""Stations of which a set is made for the walk; with more, each station's name is looked at when it is met."""


class SearchCatalogue(Part):
    """The search of the list of transactions."""

    async def _found(
        self, places: Select[Any], operator: OperatorId, search: str, limit: int
    ) -> ColumnElement[bool]:
        """What a transaction has to be to be found; a condition on a list that names the operator.

        places: id and place of transactions, filtered and from the cursor on. search: a whole reference or token, a
        part of a registered token or of a station's identity; case is ignored.
        """
        text = search.strip().casefold()
        at, by = await asyncio.gather(
            self._first(
                select(stations.c.id)
                .where(stations.c.operator_id == operator, holds(stations.c.identity_key, text))
                .limit(MANY + 1)
            ),
            self._first(
                select(tokens.c.value_key)
                .where(tokens.c.operator_id == operator, holds(tokens.c.value_key, text))
                .limit(FEW + 1)
            ),
        )
        conditions = _conditions(operator, text, at, by)
        if len(at) > FEW or len(by) > FEW:
            return or_(*conditions)
        # UNION makes the database find all of each kind by index first, and sort then.
        places = places.order_by(None)
        found = union(*(places.where(condition) for condition in conditions)).subquery()
        newest = select(found.c.id).order_by(found.c.sorted_at.desc(), found.c.id.desc())
        return t.id.in_(await self._first(newest.limit(limit)))

    async def _first(self, statement: Select[Any]) -> list[Any]:
        return [row[0] for row in await self._rows(statement)]


def _conditions(
    operator: OperatorId, text: str, at: Sequence[int], by: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Reference, station, token: a transaction is found that meets one of them."""
    k = tokens.c
    s = stations.c
    own = select(s.id).where(s.operator_id == operator, holds(s.identity_key, text))
    known = select(k.value_key).where(k.operator_id == operator, holds(k.value_key, text))
    token = t.token_key.in_({text, *by}) if len(by) <= FEW else t.token_key.in_(known)
    conditions = [
        and_(t.operator_id == operator, func.lower(t.reference) == text),
        and_(t.operator_id == operator, token),
    ]
    if len(at) > MANY:
        conditions.append(holds(s.identity_key, text))
    elif len(at) > FEW:
        # Plus nothing: looked up for each transaction of the walk, not a way to find all of their transactions.
        conditions.append((t.station_id + 0).in_(own))
    elif at:
        # The operator's own stations: their index, which has no operator, is all that has to be read.
        conditions.append(t.station_id.in_(at))
    return conditions
