"""The vocabulary of reservations, limits and checks, in an operator's words."""

from __future__ import annotations

from releve.web.i18n import N_

RESERVATION = {
    "requested": ("warn", N_("Not answered yet")),
    "active": ("calm", N_("Reserved")),
    "used": ("ok", N_("Used")),
    "expired": ("mute", N_("Expired")),
    "cancelled": ("mute", N_("Cancelled")),
    "removed": ("warn", N_("Given up by the station")),
    "refused": ("bad", N_("Refused")),
}

FINDING = {
    "running": ("ok", N_("It runs, nothing is missing")),
    "waiting": ("warn", N_("The station still has messages about it")),
    "reopened": ("ok", N_("It runs: active again")),
    "closed": ("warn", N_("Its end was lost: closed at its last reading")),
    "lost": ("bad", N_("Messages were lost for good")),
    "settled": ("ok", N_("It has ended, all is known")),
    "failed": ("mute", N_("No usable answer")),
}

LIMITS = {
    "energy_wh": N_("Energy"),
    "time_s": N_("Time"),
    "cost": N_("Cost"),
    "soc_pct": N_("State of charge"),
}
"""Kinds of limit, by their field."""
