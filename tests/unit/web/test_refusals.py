"""No refusal lacks its French: whatever services and the domain's rules raise is in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from releve.domain.quirks_told import QUIRKS
from releve.web import refusals
from releve.web.i18n import translations

from .test_i18n import ROOM

ROOT = ROOM.parent
ROOMS = ("services", "domain", "dialects", "energy")
ERRORS = {"RequestError", "NotFound", "Invalid", "Taken", "NotNow", "Denied"}
FAULTS = "Fault"
"""What the domain's rules find wrong; services raise its text."""
PASSED_ON = {
    ("services/der.py", "fault.message"): None,
    ("services/displays.py", "fault.message"): None,
    ("services/tariffs.py", "fault.message"): None,
    ("services/images.py", "str(error)"): ("services/certificates/vault.py", "open"),
    ("services/reservations.py", "problem"): ("services/reservations.py", "_occupied"),
    ("services/security/guard.py", "REASON"): ("services/security/guard.py", "REASON"),
    ("services/security/trust_desk.py", "read"): ("services/certificates/paths.py", "read_crl"),
    ("services/station_tariffs.py", "fault"): ("services/offers.py", "misfit"),
    ("services/smart_charging/preparing.py", "pause"): (
        "services/smart_charging/preparing.py",
        "_pause",
    ),
    ("services/smart_charging/preparing.py", "text"): (
        "services/smart_charging/preparing.py",
        "_placed",
    ),
}
"""Where a text is not written where it is raised: the function or constant that it comes from; None: a Fault."""
OURS = {
    "services/smart_charging/preparing.py": {"fitted.refusal"},
    "domain/charging_rules.py": {"text"},
}
"""Texts of the same file that are looked at in another way, or that stay English: what a station's limits came to."""


def templates(node: ast.expr) -> Iterator[str] | None:
    """A text, `{}` where a value stands; both of a choice; None: it is not written here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return iter([node.value])
    if isinstance(node, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values]
        return iter(["".join(parts)])
    if isinstance(node, ast.IfExp):
        one, other = templates(node.body), templates(node.orelse)
        return None if one is None or other is None else iter([*one, *other])
    return None


def raised() -> Iterator[tuple[str, ast.expr]]:
    """Every text of an error or a fault, with its file."""
    for path in (p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))):
        place = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ERRORS and node.args:
                yield place, node.args[0]
            elif node.func.id == FAULTS and len(node.args) > 1:
                yield place, node.args[1]


def sentences(place: str, name: str) -> Iterator[str]:
    """Texts that a function returns or raises, or that a constant has."""
    for node in ast.walk(ast.parse((ROOT / place).read_text("utf-8"))):
        named = isinstance(node, ast.FunctionDef) and node.name == name
        named |= isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
        if not named:
            continue
        inner = {id(v) for n in ast.walk(node) if isinstance(n, ast.JoinedStr) for v in n.values}
        inner |= {id(n.value) for n in ast.walk(node) if isinstance(n, ast.Expr)}  # docstrings
        for each in ast.walk(node):
            if isinstance(each, ast.expr) and id(each) not in inner:
                yield from (t for t in templates(each) or () if t.endswith((".", ")")))


def rules() -> Iterator[str]:
    """What is wrong with charging profiles: the third of (wrong, requirement, text)."""
    for name in ("charging_rules", "charging_v2x_rules"):
        tree = ast.parse((ROOT / f"domain/{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                yield from templates(node.value.elts[2]) or ()


def said() -> dict[str, str]:
    """All refusals, each with a file that says it."""
    found = dict.fromkeys(rules(), "domain/charging_rules.py")
    for place, node in raised():
        texts = templates(node)
        if texts is None:
            expression = ast.unparse(node)
            if expression in OURS.get(place, ()):
                continue
            assert (place, expression) in PASSED_ON, f"{place}: where does {expression} come from?"
            source = PASSED_ON[place, expression]
            texts = sentences(*source) if source else iter(())
        found |= dict.fromkeys(texts, place)
    return found


def test_every_refusal_is_known_to_the_catalogue():
    texts = said()
    assert len(texts) > 250
    assert {t: p for t, p in texts.items() if t not in refusals.PATTERNS} == {}


def test_what_is_passed_on_has_texts():
    for source in filter(None, PASSED_ON.values()):
        assert list(sentences(*source)), source


def test_every_refusal_is_said_in_french_with_its_values():
    french = translations("fr")
    for text in said():
        values = [f"V{n}" for n in range(text.count("{}"))]
        told = refusals.translated(text.format(*values), french)
        assert told != text.format(*values), text
        assert all(value in told for value in values), (text, told)


@pytest.mark.parametrize("name", QUIRKS)
def test_the_words_of_quirks_are_french(name):
    french = translations("fr")
    for text in (QUIRKS[name].wrong, QUIRKS[name].remedy):
        assert french.gettext(text) != text


def test_the_files_are_there():
    for place in {place for place, _ in PASSED_ON} | set(OURS):
        assert Path(ROOT / place).is_file()
