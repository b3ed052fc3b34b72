"""Languages of the console: gettext catalogues, read from their .po files when the process starts.

Texts are written in English in templates and code; `locale/<language>/LC_MESSAGES/releve.po` translates them. There is
no compiled file to forget: Babel reads the .po directly, which takes some 30 ms once. `tests/unit/web/test_i18n.py`
fails when a text lacks its translation.
"""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "fr": "Français"}
"""Language code -> its own name, in the order in which they are offered."""
DEFAULT = "en"
DOMAIN = "releve"


def N_(text: str) -> str:  # noqa: N802 - gettext's usual name for "translate later"
    """Mark a text for translation where it is defined; it is translated where it is shown."""
    return text


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; the one that changes nothing for English."""
    if language == DEFAULT or language not in LANGUAGES:
        return gettext.NullTranslations()
    path = files("releve.web") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def choose(*wishes: str | None, accept_language: str = "") -> str:
    """The first wish that is a language of ours, else the best of an Accept-Language header, else English."""
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    return negotiate(accept_language)


def negotiate(header: str) -> str:
    """The language of ours that an Accept-Language header (RFC 9110, 12.5.4) prefers."""
    best, best_weight = DEFAULT, 0.0
    for part in header.split(",")[:20]:
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
