"""BootNotification of 2.x as the services take it."""

from __future__ import annotations

from releve.dialects.v2.wire import WireStation
from releve.services.provisioning import Booted


def booted(station: WireStation, reason: str) -> Booted:
    modem = station.modem
    details = {"iccid": modem.iccid, "imsi": modem.imsi} if modem is not None else {}
    return Booted(
        vendor=station.vendor_name,
        model=station.model,
        serial=station.serial_number or "",
        firmware=station.firmware_version or "",
        reason=str(reason),
        details={name: value for name, value in details.items() if value},
    )
