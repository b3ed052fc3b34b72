"""What a batch does to the database, step by step, without I/O.

`apply` is a generator: it yields steps, a driver (`sqlite.py`, `postgres.py`) runs each and sends back its result, or
throws `Refused` into it when the database refused that step for what was in it. So the rules are written once:

- One transaction, one flush for the whole batch.
- One bad unit fails alone. The batch is rolled back and tried in halves under savepoints, down to the culprit.
- Outbox ids are given last, under the writers' lock, so that they grow in the order of commits.
- Anything but `Refused` ends the batch for everybody; the driver says so by not going on.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

from releve.services.ports import Announced, Conflict, Unstorable
from releve.storage.log import ADD as ADD_LINE
from releve.storage.log import Lines, unit_of
from releve.storage.outbox import ADD_EVENT, row_of
from releve.storage.plan import Group, strictly, together
from releve.storage.unit import Unit
from releve.storage.writes import Row, Write


class Step(Enum):
    """What a driver must do, beside writing rows."""

    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    SAVE = auto()
    """A savepoint; they nest."""
    KEEP = auto()
    """Forget the innermost savepoint, keep what was done since."""
    BACK = auto()
    """Undo to the innermost savepoint, and forget it."""
    LAST_EVENT = auto()
    """Keep other writers out of the outbox until the end of the transaction; answer its greatest id."""


class Rows(NamedTuple):
    """Write these rows."""

    write: Write
    rows: Sequence[Any]


class Refused(Exception):
    """The database refused a step for its content. taken: in an operator's words what is unique and taken already."""

    def __init__(self, reason: str, taken: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.taken = taken


Steps = Generator[Step | Rows, int, None]


def apply(units: Sequence[Unit], lines: Lines, announced: list[Announced]) -> Steps:
    """Apply a batch. Units that are refused get their `failure`; the others' events are appended to `announced`.

    lines: of the message log. They ride along; when they are refused they are lost, and nothing else is.
    """
    lines.lost = 0
    yield Step.BEGIN
    try:
        for group in together(units):
            yield Rows(*group)
        if lines.rows:
            yield Rows(ADD_LINE, lines.rows)
    except Refused as refused:
        yield Step.ROLLBACK
        yield Step.BEGIN
        if len(units) == 1 and not lines.rows:
            yield from _alone(units[0], refused)
        else:
            yield from _halves(units)
            log = [unit_of(row) for row in lines.rows]
            yield from _halves(log)
            lines.lost = sum(line.failure is not None for line in log)
    kept = [unit for unit in units if unit.failure is None]
    yield from _announce(kept, announced)
    yield Step.COMMIT


def _alone(unit: Unit, refused: Refused) -> Steps:
    """Try one unit in strict order, in case that only the grouping was refused."""
    yield Step.SAVE
    try:
        yield from _write(strictly(unit))
    except Refused as again:
        refused = again
    else:
        yield Step.KEEP
        return
    yield Step.BACK
    if refused.taken is not None:
        unit.failure = Conflict(refused.taken)
    else:
        unit.failure = Unstorable(refused.reason)


def _halves(units: Sequence[Unit]) -> Steps:
    if not units:
        return
    yield Step.SAVE
    try:
        yield from _write(together(units))
    except Refused as caught:
        refused = caught
    else:
        yield Step.KEEP
        return
    yield Step.BACK
    if len(units) == 1:
        yield from _alone(units[0], refused)
        return
    middle = len(units) // 2
    yield from _halves(units[:middle])
    yield from _halves(units[middle:])


def _write(groups: Sequence[Group]) -> Steps:
    for write, rows in groups:
        yield Rows(write, rows)


def _announce(kept: Sequence[Unit], announced: list[Announced]) -> Steps:
    """Give the events of kept units their places; the durable ones become rows."""
    events = [event for unit in kept for event in unit.events]
    if not any(event.durable for event in events):
        announced.extend(Announced(None, event) for event in events)
        return
    place = yield Step.LAST_EVENT
    rows: list[Row] = []
    for event in events:
        if event.durable:
            place += 1
            rows.append(row_of(place, event))
        announced.append(Announced(place if event.durable else None, event))
    yield Rows(ADD_EVENT, rows)
