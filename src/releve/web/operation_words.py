"""Operations in an operator's words: their states, and what each kind is called. One line a kind, by name."""

from __future__ import annotations

from releve.web.i18n import N_

STATES = {
    "asked": ("calm", N_("Asked")),
    "running": ("busy", N_("Under way")),
    "done": ("ok", N_("Done")),
    "failed": ("bad", N_("Failed")),
    "cancelled": ("mute", N_("Cancelled")),
    "expired": ("warn", N_("Nothing heard")),
    "open": ("busy", N_("Not ended")),
}

KINDS = {
    "base-report": N_("Report of all variables"),
    "custom-report": N_("Report of some variables"),
    "migration": N_("Leaving for another CSMS"),
}


def operation_kind(kind: str) -> str:
    """What a kind of operation is called, untranslated; its own name when it has no words yet."""
    return KINDS.get(kind, kind.replace("-", " ").capitalize())
