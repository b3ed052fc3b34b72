"""Tokens from a CSV file: all lines that can be taken are, and each that cannot is named with its reason."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from releve.domain.ids import OperatorId
from releve.domain.token import IdToken
from releve.services.errors import Invalid, RequestError
from releve.services.ports import Store
from releve.services.tokens import EDITABLE, TokenDesk

COLUMNS = ("value", "type", *sorted(EDITABLE - {"charge_limit"}))
FLAGS = frozenset({"blocked", "master", "concurrent"})
TIMES = frozenset({"not_before", "expires_at"})
LISTS = frozenset({"places", "connector_types"})
NUMBERS = frozenset({"priority", "cache_s"})
YES = frozenset({"yes", "true", "1", "x", "y"})
NO = frozenset({"no", "false", "0", "", "n"})
LIST_SIGN = "|"
MOST_LINES = 200_000


class LineProblem(msgspec.Struct, frozen=True, kw_only=True):
    """line: its number in the file, the header being 1. field: the column, empty when the whole line is meant."""

    line: int
    value: str
    field: str = ""
    problem: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file."""

    added: int
    changed: int
    unchanged: int
    problems: list[LineProblem]


class TokenImport:
    def __init__(self, store: Store, tokens: TokenDesk) -> None:
        self._store = store
        self._tokens = tokens

    async def read(
        self, operator: OperatorId, lines: Iterable[str], *, update: bool = False, dry: bool = False
    ) -> Imported:
        """Take in a CSV file whose first line names columns of COLUMNS; comma or semicolon between fields.

        Lists are divided by `|`. update: registered tokens get the file's values; else they are left as they are.
        dry: only look. Invalid: the header cannot be read.
        """
        rows = _rows(lines)
        added = changed = unchanged = 0
        problems: list[LineProblem] = []
        for number, row in rows:
            value = (row.get("value") or "").strip()
            try:
                about = _fields(row)
                kind = (row.get("type") or "").strip() or "ISO14443"
                what = await self._take(operator, value, kind, about, update=update, dry=dry)
            except RequestError as error:
                problems.append(
                    LineProblem(line=number, value=value, field=error.field, problem=error.message)
                )
                continue
            added += what == "added"
            changed += what == "changed"
            unchanged += what == "unchanged"
        return Imported(added=added, changed=changed, unchanged=unchanged, problems=problems)

    async def _take(
        self,
        operator: OperatorId,
        value: str,
        kind: str,
        about: dict[str, Any],
        *,
        update: bool,
        dry: bool,
    ) -> str:
        made = self._tokens.made(operator, value, type=kind, **about)
        async with self._store.work(operator) as work:
            known = await work.tokens.find(IdToken(made.value, made.type))
        if known is None or known.type != made.type:
            if not dry:
                await self._tokens.add(operator, value, type=kind, **about)
            return "added"
        same = all(getattr(known, name) == getattr(made, name) for name in about)
        if same or not update:
            return "unchanged"
        if not dry:
            await self._tokens.change(operator, known.id, **about)
        return "changed"


def _rows(lines: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    given = [line.lstrip("\ufeff") if n == 0 else line for n, line in enumerate(lines)]
    if len(given) > MOST_LINES:
        raise Invalid(f"A file has at most {MOST_LINES} lines.", field="file")
    if not given or not given[0].strip():
        raise Invalid("The file is empty: its first line names the columns.", field="file")
    sign = ";" if given[0].count(";") > given[0].count(",") else ","
    reader = csv.reader(given, delimiter=sign)
    header = [name.strip().casefold() for name in next(reader)]
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or "value" not in header:
        columns = ", ".join(COLUMNS)
        if unknown:
            raise Invalid(
                f"There is no column {', '.join(unknown)}. Columns are {columns}.", field="file"
            )
        raise Invalid(f"The column value is missing. Columns are {columns}.", field="file")
    found = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            found.append((reader.line_num, dict(zip(header, cells, strict=False))))
    return found


def _fields(row: dict[str, str]) -> dict[str, Any]:
    """The cells of a line as a token's fields. An empty cell is a field that the file does not tell."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        text = cell.strip()
        if name in ("value", "type") or not text:
            continue
        found[name] = _read(name, text)
    return found


def _read(name: str, text: str) -> Any:
    if name in FLAGS:
        if text.casefold() not in YES | NO:
            raise Invalid("Write yes or no.", field=name)
        return text.casefold() in YES
    if name in LISTS:
        return [part.strip() for part in text.split(LIST_SIGN) if part.strip()]
    try:
        if name in TIMES:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        if name in NUMBERS:
            return int(text)
        if name == "credit":
            return Decimal(text.replace(",", "."))
    except (ValueError, InvalidOperation):
        wanted = {"credit": "an amount, as in 12.50"}.get(name)
        wanted = wanted or ("a whole number" if name in NUMBERS else "a time, as in 2027-01-31")
        raise Invalid(f"{text!r} is not {wanted}.", field=name) from None
    return text
