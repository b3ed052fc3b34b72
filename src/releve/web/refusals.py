"""What services refuse, in the person's language.

Services speak English, with values inside. A catalogue's entry has `{}` where a value stands: "There is a user named {}
already." translates for every name.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations

from releve.web import refusal_rules, refusal_texts
from releve.web.i18n import N_

PATTERNS = (
    N_("This cannot be a station's identity: {}."),
    N_("There is a station with the identity {} already."),
    N_("The heartbeat interval is 10 to 86400 seconds."),
    N_("The {} has at most {} characters on one line."),
    N_("This station is not in the inbox."),
    N_("There is no such station."),
    N_("A station's password has 16 to 40 characters."),
    N_("A token's value has 1 to 255 characters."),
    N_("The token {} is registered already."),
    N_("There is no such token."),
    N_("The {} has at most {} characters."),
    N_("There is no such anomaly."),
    N_("This anomaly is resolved already."),
    N_("There is no such transaction."),
    N_("This transaction has ended already."),
    N_("A user name has 1 to 100 characters."),
    N_("There is a user named {} already."),
    N_("There is no user named {}."),
    N_("The last administrator cannot be removed."),
    N_("A password has at least {} characters."),
    N_("Scopes are some of {}."),
    N_("A key's name has 1 to 100 characters."),
    N_("There is no such API key."),
    N_("This needs the permission “{}”."),
    *refusal_texts.TEXTS,
    *refusal_rules.TEXTS,
)
VALUES = (
    N_("the identity is empty"),
    N_("the identity has control characters"),
    N_("the identity looks like a path"),
    N_("the identity is longer than 255 characters"),
    N_("name"),
    N_("site"),
)


def translated(message: str, catalogue: NullTranslations) -> str:
    """The message in the catalogue's language; as it is when no pattern knows it."""
    for pattern, source in _compiled():
        if found := pattern.fullmatch(message):
            values = [catalogue.gettext(v) if v in VALUES else v for v in found.groups()]
            return catalogue.gettext(source).format(*values)
    return catalogue.gettext(message) if message else ""


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.escape(p).replace(re.escape("{}"), "(.+?)"), re.DOTALL), p)
        for p in sorted(PATTERNS, key=lambda p: (p.count("{}"), -len(p)))  # the most exact first
    )
