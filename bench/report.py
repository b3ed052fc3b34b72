"""The figures as tables: for the terminal, for docs/performance.md, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.hot_path import Result
from bench.idle import Idle
from bench.processes import ROOT, machine

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
Table = list[list[str]]


@dataclass(slots=True)
class Report:
    """Everything that one run found. skipped: what was left out, with the reason."""

    connections: int
    results: list[Result]
    idle: list[Idle]
    skipped: dict[str, str]
    versions: dict[str, str]

    def as_json(self) -> str:
        """All of it, every window included."""
        found: dict[str, Any] = {**dataclasses.asdict(self), "machine": machine()}
        return json.dumps(found, indent=2)

    def tables(self) -> list[tuple[str, Table]]:
        """Titles and tables; the first row of each is its head."""
        actions = dict.fromkeys(result.action for result in self.results)
        found = [
            (
                f"{action}, {self.connections} connections",
                _hot([r for r in self.results if r.action == action]),
            )
            for action in actions
        ]
        if self.idle:
            found.append(("Connections", _idle(self.idle)))
        return found

    def as_text(self) -> str:
        """For the terminal."""
        parts = [_machine(self.versions)]
        parts += [f"{title}\n{_aligned(table)}" for title, table in self.tables()]
        parts += [f"left out: {label}: {why}" for label, why in self.skipped.items()]
        return "\n\n".join(parts).replace("**", "").replace("`", "")

    def as_markdown(self) -> str:
        """For the page."""
        today = datetime.now(UTC).date().isoformat()
        parts = [f"{_machine(self.versions)}. {today}."]
        parts += [f"### {title}\n\n{_markdown(table)}" for title, table in self.tables()]
        parts += [f"Left out: {label}: {why}." for label, why in self.skipped.items()]
        return "\n\n".join(parts)


def write(report: Report, page: Path = PAGE) -> None:
    """Put the tables between the page's markers. ValueError when they are not there."""
    text = page.read_text("utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} ... {END}")
    page.write_text(f"{head}{BEGIN}\n{report.as_markdown()}\n{END}{tail}", "utf-8")


def _hot(results: Sequence[Result]) -> Table:
    table = [
        [
            "server",
            "CPU µs/message",
            "× C echo",
            "database's own µs",
            "messages/s",
            "p50 ms",
            "p99 ms",
        ]
    ]
    for result in results:
        table.append(
            [
                result.label,
                _number(result.middle("us"), 1),
                _number(result.ratio, 1),
                _number(result.middle("database_us"), 1),
                _number(result.middle("per_second"), 0),
                _number(result.middle("p50_ms"), 1),
                _number(result.middle("p99_ms"), 1),
            ]
        )
    return table


def _idle(found: Sequence[Idle]) -> Table:
    table = [
        [
            "server",
            "idle connections",
            "KB each",
            "CPU µs per returning station",
            "returning stations/s",
        ]
    ]
    for one in found:
        table.append(
            [
                one.label,
                f"{one.connections:,}",
                _number(one.bytes_each / 1024, 1),
                _number(one.storm_us, 0),
                _number(one.storm_per_second, 0),
            ]
        )
    return table


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _machine(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in {**machine(), **versions}.items())


def _aligned(table: Table) -> str:
    widths = [max(len(row[n]) for row in table) for n in range(len(table[0]))]
    lines = []
    for row in table:
        first, *rest = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _markdown(table: Table) -> str:
    head, *rows = table
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])
