"""J: signed meter values as evidence: what the station signed is given out byte for byte, never decoded or repaired."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import msgspec

from releve.services.views import SampleView

FORMATS = {"ocmf": "OCMF", "edl": "EDL_40_P", "alfen": "ALFEN", "pcdf": "PCDF"}
"""Beginnings of an encoding method, in lower case, and the names that transparency software knows them by."""


class SignedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One signed reading. signed_data: as sent; in 2.x it is Base64 text, in 1.6 whatever the meter prints.

    signing_method, encoding_method, public_key: as the station names them; empty in 1.6, which has no place for them.
    """

    at: datetime
    received_at: datetime | None = None
    evse: int = 0
    measurand: str
    context: str = ""
    phase: str = ""
    location: str = ""
    value: float | None = None
    """The plain value beside the signed one, in base unit, where the station gives it."""
    unit: str = ""
    signed_data: str
    signing_method: str = ""
    encoding_method: str = ""
    public_key: str = ""


def signed_values(samples: Iterable[SampleView]) -> list[SignedValue]:
    """The signed readings among samples, in their order."""
    found = []
    for sample in samples:
        for reading in sample.readings:
            if reading.get("signed"):
                found.append(
                    SignedValue(
                        at=sample.at,
                        received_at=sample.received_at,
                        evse=sample.evse,
                        measurand=reading["measurand"],
                        context=reading.get("context", "Sample.Periodic"),
                        phase=reading.get("phase", ""),
                        location=reading.get("location", "Outlet"),
                        value=reading.get("value"),
                        unit=reading.get("unit", ""),
                        **_parts(reading.get("text", "")),
                    )
                )
    return found


def _parts(text: str) -> dict[str, str]:
    """A SignedMeterValueType of 2.x taken apart; of 1.6 there is only the text."""
    try:
        wire = msgspec.json.decode(text)
    except msgspec.DecodeError:
        wire = None
    if not isinstance(wire, dict) or "signedMeterData" not in wire:
        return {"signed_data": text}
    return {
        "signed_data": wire["signedMeterData"],
        "signing_method": wire.get("signingMethod") or "",
        "encoding_method": wire.get("encodingMethod") or "",
        "public_key": wire.get("publicKey") or "",
    }


def transparency_xml(reference: str, values: Iterable[SignedValue]) -> str:
    """A file that transparency software opens: the S.A.F.E. container, `values` of `value` with `signedData`.

    reference: the transaction's id at the station.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<values>"]
    for value in values:
        form = _format(value)
        attributes = f" format={quoteattr(form)}" if form else ""
        encoding = "base64" if value.encoding_method else "plain"
        lines.append(
            f"  <value transactionId={quoteattr(reference)} context={quoteattr(value.context)}>"
        )
        lines.append(
            f"    <signedData{attributes} encoding={quoteattr(encoding)}>"
            f"{escape(value.signed_data)}</signedData>"
        )
        if value.public_key:
            lines.append(f'    <publicKey encoding="base64">{escape(value.public_key)}</publicKey>')
        lines.append("  </value>")
    return "\n".join([*lines, "</values>", ""])


def _format(value: SignedValue) -> str:
    """The name of the format where it can be told: by the encoding method, or by how OCMF begins."""
    method = value.encoding_method.casefold()
    for beginning, name in FORMATS.items():
        if method.startswith(beginning):
            return name
    return "OCMF" if value.signed_data.startswith("OCMF|") else value.encoding_method
