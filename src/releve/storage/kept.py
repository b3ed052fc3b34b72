"""What SQLite's indexed columns hold already, so that a transaction's update can leave them alone.

SQLite rewrites the index entries of every column that an UPDATE names, changed or not: seven of them for each meter
value of a transaction. A statement that names only the other columns costs a third. It may be used for a row whose
`fixed` columns are known to be on disk as they are: because the last commit of this very connection wrote them, and no
other process has changed the database since (`PRAGMA data_version`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from releve.storage.apply import Step
from releve.storage.writes import Row, Write

LIMIT = 50_000
"""Rows remembered; beyond, all are forgotten and learnt anew."""


class Kept:
    """Remembers, for statements that have a light form, the fixed columns of rows by their first column."""

    def __init__(self) -> None:
        self._known: dict[tuple[Write, object], Row] = {}
        self._written: dict[tuple[Write, object], Row] = {}
        self._version: int | None = None

    def split(self, write: Write, rows: Sequence[Row]) -> Iterator[tuple[Write, Sequence[Row]]]:
        """The rows by the statement to run: the light one where the fixed columns are on disk already."""
        light = write.light
        if light is None:
            yield write, rows
            return
        full_rows: list[Row] = []
        light_rows: list[Row] = []
        for row in rows:
            key = (write, row[0])
            fixed = tuple([row[place] for place in write.fixed])
            if self._written.get(key, self._known.get(key)) == fixed:
                light_rows.append(row)
            else:
                full_rows.append(row)
            self._written[key] = fixed
        if full_rows:
            yield write, full_rows
        if light_rows:
            yield light, light_rows

    def after(self, step: Step, connection: sqlite3.Connection) -> None:
        """Note what a step means for what is known."""
        if step is Step.BEGIN:
            self._written.clear()
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != self._version or len(self._known) > LIMIT:
                self._known.clear()
                self._version = version
        elif step is Step.COMMIT:
            self._known.update(self._written)

    def forget(self) -> None:
        """Take nothing for granted: the connection is new, or a part of the batch was undone."""
        self._known.clear()
        self._written.clear()
