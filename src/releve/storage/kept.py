"""What is on disk already of rows that are saved again and again, so that only the rest is written.

A transaction is saved with every meter value. Most of its 33 columns are then as they were; writing them all costs
three times as much as writing the few that move, and in SQLite an UPDATE also rewrites the index entries of every
column that it names, changed or not. The short form of a statement may be used for a value whose other fields are known
to be on disk as they are: because a commit of this very connection wrote them, and nobody else has changed the row.
Who else could: another process on the same SQLite file (the backend sees that and forgets everything), or another node
that owned the station for a while (then the row was read back first, and reading a row forgets it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from releve.storage.apply import Step
from releve.storage.writes import Row, Write

LIMIT = 50_000
"""Rows remembered; beyond, all are forgotten and learnt anew."""


class Kept:
    """Remembers the fields that the short form leaves out, by row id."""

    def __init__(self) -> None:
        self._known: dict[int, object] = {}
        self._written: dict[int, object] = {}

    def split(self, write: Write, rows: Sequence[Any]) -> Iterator[tuple[Write, Sequence[Row]]]:
        """The rows with the statement to run for each: the short one where the rest is on disk already."""
        value = write.value
        if value is None:
            yield write, rows
            return
        whole: list[Row] = []
        short: list[Row] = []
        for row in rows:
            rest = value.rest(row)
            known = self._written.get(row.id) or self._known.get(row.id)
            if known == rest:
                short.append(value.short(row))
            else:
                whole.append(value.whole(row))
            self._written[row.id] = rest
        if whole:
            yield write, whole
        if short:
            yield value.write, short

    def after(self, step: Step) -> None:
        """Note what a step, once done, means for what is known."""
        if step is Step.BEGIN:
            self._written.clear()
            if len(self._known) > LIMIT:
                self._known.clear()
        elif step is Step.COMMIT:
            self._known.update(self._written)
            self._written.clear()
        elif (
            step is Step.BACK
        ):  # a part of the batch was undone; which rows that were is not worth knowing
            self.forget()

    def forget(self, row_id: int | None = None) -> None:
        """Take nothing for granted, or nothing about one row."""
        if row_id is None:
            self._known.clear()
            self._written.clear()
        else:
            self._known.pop(row_id, None)
