"""The requirements, the places that cite them, and the reasons for those without one."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tests" / "data" / "csms_requirements.tsv"
EXEMPT = ROOT / "tests" / "data" / "requirements_exempt.toml"
READ = ("src", "tests")
SUFFIXES = frozenset({".py", ".html", ".js", ".toml"})
SKIPPED = frozenset({EXEMPT.name, "test_requirements.py"})
"""They name requirements without obeying or showing any."""

CITED = re.compile(r"\b([A-Z]\d\d)\.FR\.(\d{2,3})\b|(?<![\w.])FR\.(\d{2,3})\b")
"""A whole id, or one after it in the same line that leaves the use case out: `C07.FR.15, FR.16`."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement. versions: of the protocol that have it."""

    id: str
    versions: tuple[str, ...]

    @property
    def block(self) -> str:
        """The functional block's letter."""
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Place:
    """A line that cites a requirement; file: relative to the repository."""

    file: str
    line: int


def requirements() -> list[Requirement]:
    """All of them, in the order of their ids."""
    with REQUIREMENTS.open(encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t")
        next(rows)
        return [Requirement(identity, tuple(versions.split())) for identity, versions in rows]


def exempt() -> dict[str, str]:
    """id -> why nobody cites it."""
    return dict(tomllib.loads(EXEMPT.read_text("utf-8")).get("requirements", {}))


def citations(paths: Iterable[Path] | None = None) -> dict[str, list[Place]]:
    """id -> where it is cited, in these files or in all of the source and the tests."""
    found: dict[str, list[Place]] = {}
    for path in sources() if paths is None else paths:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for identity in cited(line):
                found.setdefault(identity, []).append(Place(name, number))
    return found


def cited(line: str) -> Iterator[str]:
    """The ids that a line cites."""
    use_case = ""
    for match in CITED.finditer(line):
        if match[1]:
            use_case = match[1]
            yield f"{use_case}.FR.{match[2]}"
        elif use_case:
            yield f"{use_case}.FR.{match[3]}"


def sources() -> list[Path]:
    """The files that may cite: all that people write, in the source and the tests."""
    return sorted(
        path
        for folder in READ
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES and path.is_file() and path.name not in SKIPPED
    )


def write_exempt(reasons: dict[str, str]) -> None:
    """Write the file of reasons anew, by id."""
    lines = [
        "# Requirements addressed to a CSMS that nothing here cites, and why.",
        "# `python -m tools.requirements --prune` drops those that are cited by now.",
        "",
        "[requirements]",
        *(f'"{identity}" = "{reason}"' for identity, reason in sorted(reasons.items())),
    ]
    EXEMPT.write_text("\n".join(lines) + "\n", "utf-8")


def uncited() -> list[Requirement]:
    """Requirements that no line cites."""
    known = citations()
    return [requirement for requirement in requirements() if requirement.id not in known]
