"""New firmware: judged, fetched, verified, installed when it is time, and told at each step (1.6 5.19; L01, L02)."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from releve.ocpp.version import Version
from releve.simulator import signed_firmware
from releve.simulator.dialect import BootReason
from releve.simulator.files import TransferFailed, fetch

if TYPE_CHECKING:
    from releve.simulator.station import Station

INSTALL_S = 5
VERSION = re.compile(r"\d+(?:\.\d+)+")
ACCEPTED, CANCELED = "Accepted", "AcceptedCanceled"
REJECTED, INVALID_CERTIFICATE = "Rejected", "InvalidCertificate"
BUSY = ("Installing", "InstallRebooting")
"""States in which an update can no longer be given up."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the CSMS wants installed. certificate, signature: PEM and Base64, for what is signed."""

    url: str
    request_id: int | None
    retrieve_at: datetime
    install_at: datetime | None = None
    retries: int = 0
    retry_interval_s: int = 10
    certificate: str = ""
    signature: str = ""

    @property
    def signed(self) -> bool:
        return bool(self.certificate or self.signature)


def judge(station: "Station", order: Order) -> str:
    """The answer: the certificate first (L01.FR.21, L01.FR.22), then what is under way (L01.FR.24, L01.FR.27)."""
    if order.signed and not signed_firmware.trusted(station, order.certificate):
        return INVALID_CERTIFICATE
    under_way = station.transfers.update
    if under_way is None or under_way.done():
        return ACCEPTED
    if station.transfers.firmware_state in BUSY:
        return REJECTED
    under_way.cancel()
    _open_again(station)
    return CANCELED


async def follow(station: "Station", order: Order, status: str) -> None:
    """What comes after the answer `status`."""
    if status == INVALID_CERTIFICATE:
        kind = "InvalidFirmwareSigningCertificate"  # L01.FR.02
        await station.dialect.security_event(station, kind, order.url)
    elif status in (ACCEPTED, CANCELED):
        station.transfers.update = asyncio.current_task()
        await _update(station, order)


def state_to_tell(station: "Station") -> str:
    """What a triggered FirmwareStatusNotification says (L01.FR.25, L01.FR.26)."""
    state = station.transfers.firmware_state
    return "Idle" if state == "Installed" else state


async def _update(station: "Station", order: Order) -> None:
    station.transfers.update_request = order.request_id
    if await _wait_until(station, order.retrieve_at, "DownloadScheduled", order):
        station.note("firmware", "the time for the download has come")
    await _tell(station, "Downloading")
    image = await _download(station, order)
    if image is None:
        await _tell(station, "DownloadFailed")
        return
    await _tell(station, "Downloaded")
    if order.signed and not await _verified(station, order, image):
        return
    await _wait_until(station, order.install_at, "InstallScheduled", order)
    await _wait_for_drivers(station, order)
    await _install(station, order, image)


async def _install(station: "Station", order: Order, image: bytes) -> None:
    await _tell(station, "Installing")
    await station.clock.sleep(INSTALL_S)
    if not image:
        await _tell(station, "InstallVerificationFailed")  # L01.FR.29
        _open_again(station)
        return
    station.firmware = _version_in(order.url, station.firmware)
    if _tells_all(station, order):
        await _tell(station, "InstallRebooting")
    _open_again(station)
    await station.reboot(BootReason.FIRMWARE_UPDATE)
    while not station.online:
        await station.clock.sleep(1)
    await _tell(station, "Installed")
    if _tells_all(station, order):
        await station.dialect.security_event(station, "FirmwareUpdated", station.firmware)


async def _verified(station: "Station", order: Order, image: bytes) -> bool:
    """L01.FR.03, L01.FR.04, L01.FR.12."""
    good = await asyncio.to_thread(
        signed_firmware.verified, order.certificate, order.signature, image
    )
    await _tell(station, "SignatureVerified" if good else "InvalidSignature")
    if not good:
        await station.dialect.security_event(station, "InvalidFirmwareSignature", order.url)
    return good


async def _download(station: "Station", order: Order) -> bytes | None:
    for attempt in range(order.retries + 1):
        try:
            image = await fetch(order.url)
        except TransferFailed as problem:
            station.note("firmware", f"the firmware could not be fetched: {problem}")
            if attempt < order.retries:
                await station.clock.sleep(order.retry_interval_s)
            continue
        station.note("firmware", f"fetched {len(image)} bytes of firmware")
        return image
    return None


async def _wait_until(
    station: "Station", moment: datetime | None, status: str, order: Order
) -> bool:
    """Wait for `moment`, telling `status`; whether there was need to (L01.FR.13, L01.FR.16)."""
    wait_s = 0.0 if moment is None else (moment - station.now()).total_seconds()
    if wait_s <= 0:
        return False
    if _tells_all(station, order):
        await _tell(station, status)
    await station.clock.sleep(wait_s)
    return True


async def _wait_for_drivers(station: "Station", order: Order) -> None:
    """Until no transaction runs; whoever leaves is the last at that EVSE (L01.FR.06, L01.FR.07, L01.FR.34)."""
    if not station.busy:
        return
    if _tells_all(station, order) and station.transfers.firmware_state != "InstallScheduled":
        await _tell(station, "InstallScheduled")
    while station.busy:
        for evse in station.evses.values():
            if evse.transaction is None and evse.operative:
                evse.operative = False
                station.transfers.closed.append(evse.id)
        station.settle()
        await station.clock.sleep(1)


def _open_again(station: "Station") -> None:
    for number in station.transfers.closed:
        station.evses[number].operative = True
    station.transfers.closed = []
    station.settle()


def _tells_all(station: "Station", order: Order) -> bool:
    """Statuses that 1.6 has for signed updates only."""
    return station.plan.version is not Version.V16 or order.request_id is not None


async def _tell(station: "Station", status: str) -> None:
    station.transfers.firmware_state = status
    station.note("firmware", f"firmware: {status}", status=status)
    await station.dialect.firmware_status(station, status, station.transfers.update_request)


def _version_in(url: str, current: str) -> str:
    """The version that the file's name tells, or one that shows that something changed."""
    found = VERSION.search(PurePosixPath(urlsplit(url).path).name)
    return found.group() if found else f"{current}+1"
