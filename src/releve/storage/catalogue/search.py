"""Searching among millions of transactions without looking at each of them.

What is searched for is looked up where there are few rows: which stations, which registered tokens could be meant? With
few of them their transactions are found by index, and the newest are picked. With many, going through the list from the
newest on meets enough of them soon. Either way the same transactions are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union

from releve.domain.ids import OperatorId
from releve.storage.catalogue.base import Part
from releve.storage.paging import holds
from releve.storage.tables import stations, tokens, transactions

t = transactions.c

FEW = 300
"""Stations, and tokens. Some hundred transactions each are sorted in the time that a page may take; where more stations
match than this, of a hundred thousand, a page is full after some ten thousand transactions."""


class SearchCatalogue(Part):
    """The search of the list of transactions."""

    async def _searched(
        self, query: Select[Any], operator: OperatorId, search: str, limit: int
    ) -> Select[Any]:
        """The ordered and filtered list, of it only what `search` says.

        search: a whole reference or token, a part of a registered token or of a station's identity; case is ignored.
        """
        text = search.strip().casefold()
        at = await self._first(
            select(stations.c.id)
            .where(stations.c.operator_id == operator, holds(stations.c.identity_key, text))
            .limit(FEW + 1)
        )
        by = await self._first(
            select(tokens.c.value_key)
            .where(tokens.c.operator_id == operator, holds(tokens.c.value_key, text))
            .limit(FEW + 1)
        )
        conditions = _conditions(operator, text, at, by)
        if len(at) > FEW or len(by) > FEW:
            return query.where(or_(*conditions))
        # UNION makes the database find all of each kind by index first, and sort then.
        found = union(
            *(
                query.with_only_columns(t.id, t.sorted_at).order_by(None).where(condition)
                for condition in conditions
            )
        ).subquery()
        newest = select(found.c.id).order_by(found.c.sorted_at.desc(), found.c.id.desc())
        return query.where(t.id.in_(await self._first(newest.limit(limit))))

    async def _first(self, statement: Select[Any]) -> list[Any]:
        return [row[0] for row in await self._rows(statement)]


def _conditions(
    operator: OperatorId, text: str, at: Sequence[int], by: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Reference, station, token: a transaction is found that meets one of them."""
    k = tokens.c
    known = select(k.value_key).where(k.operator_id == operator, holds(k.value_key, text))
    conditions = [
        func.lower(t.reference) == text,
        t.token_key.in_({text, *by}) if len(by) <= FEW else t.token_key.in_(known),
    ]
    if len(at) > FEW:
        conditions.append(holds(stations.c.identity_key, text))
    elif at:
        conditions.append(t.station_id.in_(at))
    return conditions
