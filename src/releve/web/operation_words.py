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

PREPARATION = {
    "prepared": ("calm", N_("Waits for the next boot")),
    "running": ("busy", N_("Under way")),
    "done": ("ok", N_("Done")),
    "failed": ("bad", N_("Failed")),
}

KINDS = {
    "base-report": N_("Report of all variables"),
    "battery-swap": N_("Battery swap"),
    "certificate": N_("New certificate for the station"),
    "charging-profiles-report": N_("Report of charging profiles"),
    "custom-report": N_("Report of some variables"),
    "customer-information": N_("Customer information"),
    "der-controls": N_("Report of DER controls"),
    "display-messages": N_("Report of display messages"),
    "firmware-publish": N_("Firmware published by a local controller"),
    "firmware-update": N_("Firmware update"),
    "local-list": N_("Local list"),
    "log": N_("Log handed in"),
    "migration": N_("Leaving for another CSMS"),
    "monitoring-report": N_("Report of monitors"),
    "password": N_("New password"),
    "security-profile": N_("Change of security profile"),
    "v2g-certificate": N_("New V2G certificate"),
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
