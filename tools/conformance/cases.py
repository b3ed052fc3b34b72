"""The cases, the tests that show them, and the reasons for those without one."""

from __future__ import annotations

import ast
import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).with_name("cases.tsv")
TESTS = ROOT / "tests" / "contract" / "certification"
EXEMPT = TESTS / "exempt.toml"


@dataclass(frozen=True, slots=True)
class Case:
    """One certification case. profiles: where it is mandatory (M) or conditional (C)."""

    id: str
    version: str
    block: str
    profiles: str
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A test that shows a case: file below tests/contract/certification, function, line."""

    file: str
    test: str
    line: int


def cases() -> list[Case]:
    """All cases, in the order of the list."""
    with CASES.open(encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [Case(*row) for row in rows]


def shown() -> dict[str, list[Shown]]:
    """The tests of each case id, read from their source."""
    found: dict[str, list[Shown]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for function, identity in _marked(ast.parse(path.read_text("utf-8"))):
            test = Shown(path.name, function.name, function.lineno)
            found.setdefault(identity, []).append(test)
    return found


def exempt() -> dict[str, str]:
    """Why a case has no test, by id."""
    if not EXEMPT.is_file():
        return {}
    return {str(k): str(v) for k, v in tomllib.loads(EXEMPT.read_text("utf-8")).items()}


def _marked(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for mark in (inner for outer in node.decorator_list for inner in ast.walk(outer)):
            # On the test itself, or on one of its parameter sets.
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "case":
                for argument in mark.args:
                    if isinstance(argument, ast.Constant):
                        yield node, str(argument.value)
