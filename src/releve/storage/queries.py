"""Queries made once from the tables, kept as text, run with values by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect
from sqlalchemy.engine import Dialect

SQLITE: Dialect = sqlite_dialect()
POSTGRES: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]

Compiled = tuple[str, tuple[str, ...], dict[str, Any]]


class Query:
    """A statement whose parameters are `bindparam`s. Compiled at its first use, once for each database."""

    __slots__ = ("_compiled", "statement")

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def text(self, dialect: Dialect, values: dict[str, Any]) -> tuple[str, list[Any]]:
        """SQL and its parameters in order."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self.statement, dialect)
        sql, names, fixed = compiled
        return sql, [values[name] if name in values else fixed[name] for name in names]


def once(statement: Executable, dialect: Dialect) -> tuple[str, list[Any]]:
    """SQL and parameters of a statement that carries its values."""
    sql, names, values = _compile(statement, dialect)
    return sql, [values[name] for name in names]


def _compile(statement: Executable, dialect: Dialect) -> Compiled:
    compiled: Any = statement.compile(  # type: ignore[attr-defined]
        dialect=dialect, compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)


value = bindparam
"""A parameter, to be given at each use."""
