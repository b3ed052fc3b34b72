"""How a batch of units becomes few statements.

Rows of the same statement are written together. What may change order by that, and what may not:
- Tables go parents first (the order of `metadata.sorted_tables`), so that foreign keys are met.
- Within a table, rows with the same key keep their order; of several for one statement the last one counts.
- Rows with different keys may change places. Where that matters (a value freed by one row and taken by the next) the
  database refuses the batch, and `apply.py` repeats it unit by unit in strict order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from releve.storage.tables import metadata
from releve.storage.unit import Item, Unit
from releve.storage.writes import Write

Group = tuple[Write, list[Any]]
_RANK = {table: rank for rank, table in enumerate(metadata.sorted_tables)}


def together(units: Iterable[Unit]) -> list[Group]:
    """The batch's statements, each with all of its rows."""
    added: dict[Write, list[Any]] = {}
    keyed: list[tuple[Write, Hashable, Any]] = []
    for unit in units:
        for item in unit.items:
            if item[1] is not None:
                keyed.append(item)
            elif (rows := added.get(item[0])) is not None:
                rows.append(item[2])
            else:
                added[item[0]] = [item[2]]
    groups = [(write, list(rows.values())) for write, rows in _keyed(keyed)]
    groups += added.items()
    groups.sort(key=lambda group: _RANK[group[0].table])
    return groups


def _keyed(items: list[Item]) -> list[tuple[Write, dict[Hashable, Any]]]:
    groups: list[tuple[Write, dict[Hashable, Any]]] = []
    newest: dict[Write, int] = {}  # statement -> its last group
    place: dict[tuple[object, Hashable], int] = {}  # table and key -> the last group that has it
    for write, key, row in items:
        where = newest.get(write, -1)
        if where < place.get((write.table, key), -1) or where < 0:
            where = newest[write] = len(groups)
            groups.append((write, {}))
        groups[where][1][key] = row
        place[write.table, key] = where
    return groups


def strictly(unit: Unit) -> list[Group]:
    """One unit's statements exactly in the order in which they were asked for."""
    groups: list[Group] = []
    for write, _, row in unit.items:
        if groups and groups[-1][0] is write and not write.keyed:
            groups[-1][1].append(row)
        else:
            groups.append((write, [row]))
    return groups
