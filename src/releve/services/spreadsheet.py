"""Text in files for spreadsheets."""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: text can come from a station (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
