"""Templates: one Jinja environment per language, escaping on, undefined names an error.

`_("...")` takes literal texts only: Jinja calls its result safe. What comes from a table or a station goes through
`tr(...)` or `word(...)`, whose results are escaped like any other text.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from releve.web import assets, operation_words, reservation_words, variables, words
from releve.web.i18n import LANGUAGES, translations
from releve.web.present import make_and_model, pretty, pretty_value


class Renderer:
    """Renders templates of `templates/` in any of the languages."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def render(self, language: str, template: str, context: dict[str, Any]) -> str:
        """A template's text in a language."""
        return self._environments[language].get_template(template).render(context)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("releve.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        asset=assets.address,
        icon=_icon,
        tr=catalogue.gettext,
        make_and_model=make_and_model,
        word=words.word,
        progress_word=operation_words.progress_word,
        anomaly=words.anomaly,
        operation_kind=operation_words.operation_kind,
        limit_kinds=reservation_words.LIMITS,
        vocabularies=words.VOCABULARIES,
        languages=LANGUAGES,
        language=language,
    )
    environment.filters.update(
        pretty=pretty, pretty_value=pretty_value, groups=variables.groups, plain=variables.plain
    )
    return environment


def _icon(name: str, classes: str = "") -> Markup:
    """An icon of the sprite. It is decoration: the text beside it says the same."""
    return Markup(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
    ).format(classes, assets.address("vendor/icons.svg"), name)
