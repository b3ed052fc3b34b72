"""Every text has its French, and every French text its place."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from releve import web
from releve.web import i18n, refusals
from releve.web.i18n import choose, negotiate, translations

ROOM = Path(web.__file__).parent
PO = ROOM / "locale" / "fr" / "LC_MESSAGES" / "releve.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {
    "templates/**.html": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
    }
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}


def texts() -> set[str]:
    """All texts of templates and code; of plurals the singular."""
    found = extract_from_dir(ROOM, METHODS, OPTIONS, KEYWORDS)
    return {m[2] if isinstance(m[2], str) else m[2][0] for m in found}


def catalogue():
    with PO.open("rb") as source:
        return {m.id if isinstance(m.id, str) else m.id[0]: m for m in read_po(source) if m.id}


def test_every_text_is_translated_and_nothing_else():
    known = set(catalogue())
    assert len(known) > 300
    assert texts() - known == set(), "without French"
    assert known - texts() == set(), "no longer used"


def test_no_translation_is_empty_or_doubtful():
    for text, message in catalogue().items():
        parts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(parts), text
        assert not message.fuzzy, text


def test_translations_keep_their_places():
    named = re.compile(r"%\(\w+\)s")
    for text, message in catalogue().items():
        parts = message.string if isinstance(message.string, tuple) else (message.string,)
        for part in parts:
            assert set(named.findall(part)) == set(named.findall(text)), text
            assert fields(part) == fields(text), text


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("de, en;q=0.7, fr;q=0.3", "en"),
        ("en;q=0.1, fr;q=0.2", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=nonsense", "en"),
        ("de", "en"),
        ("", "en"),
        (", " * 1000, "en"),
    ],
)
def test_the_browsers_wish_is_read(header, language):
    assert negotiate(header) == language


def test_the_person_goes_before_the_browser():
    assert choose("fr", "en", accept_language="en") == "fr"
    assert choose("", None, accept_language="fr") == "fr"
    assert choose("xx", "fr") == "fr"


def test_only_literal_texts_are_called_safe():
    """`_()` of Jinja gives markup; what is not written in the template must not go through it."""
    loose = re.compile(r"(?<![\w.])n?gettext?\((?!\")|(?<!\w)_\((?![\"'])")
    for path in (ROOM / "templates").rglob("*.html"):
        assert not loose.findall(path.read_text("utf-8")), path.name


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("There is a user named {ada} already.", "Il y a déjà un utilisateur nommé {ada}."),
        (
            "This cannot be a station's identity: the identity is empty.",
            "Cela ne peut pas être l'identité d'une borne : l'identité est vide.",
        ),
        (
            "The name has at most 200 characters on one line.",
            "Le nom a au plus 200 caractères, sur une ligne.",
        ),
        ("This is needed.", "Ce champ est nécessaire."),
        (
            "The name in a certificate has at most 64 characters on one line.",
            "Le nom dans un certificat a au plus 64 caractères sur une ligne.",
        ),
        (
            "Line 3: a value has at most 2500 characters.",
            "Ligne 3 : une valeur a au plus 2500 caractères.",
        ),
        ("Said by nobody.", "Said by nobody."),
        ("", ""),
    ],
)
def test_refusals_of_services_are_translated_with_their_values(english, french):
    assert refusals.translated(english, translations("fr")) == french
    assert refusals.translated(english, translations("en")) == english


def said_by(path: Path) -> set[str]:
    """All texts in a file, those with values in them with `{}` for each."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            found.add("".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def test_the_patterns_are_what_services_say():
    rooms = [*(ROOM.parent / "services").rglob("*.py"), *(ROOM.parent / "domain").glob("*.py")]
    forms = [ROOM / "variable_lines.py"]
    said = set().union(*map(said_by, [*rooms, *forms]))
    assert set(refusals.PATTERNS) - said == set()
    words = "\n".join(said)
    for value in refusals.VALUES:
        assert value in words, value


def test_languages_name_themselves():
    assert i18n.LANGUAGES == {"en": "English", "fr": "Français"}
