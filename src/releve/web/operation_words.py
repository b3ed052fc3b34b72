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
    "customer-information": N_("Customer information"),
    "firmware-publish": N_("Firmware published by a local controller"),
    "firmware-update": N_("Firmware update"),
    "log": N_("Log handed in"),
    "monitoring-report": N_("Report of monitors"),
    "base-report": N_("Report of all variables"),
    "custom-report": N_("Report of some variables"),
    "migration": N_("Leaving for another CSMS"),
}

SEVERITIES = (
    N_("Danger"),
    N_("Hardware failure"),
    N_("System failure"),
    N_("Critical"),
    N_("Error"),
    N_("Alert"),
    N_("Warning"),
    N_("Notice"),
    N_("Informational"),
    N_("Debug"),
)
"""How grave an event is, 0 to 9."""


def operation_kind(kind: str) -> str:
    """What a kind of operation is called, untranslated; its own name when it has no words yet."""
    return KINDS.get(kind, kind.replace("-", " ").capitalize())
