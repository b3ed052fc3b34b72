"""L01, L02: firmware updates, signed and plain, now or later, and how far they have come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.domain.file import FileId
from releve.domain.firmware import DONE, FAILED, UPDATE, Image, UpdateFirmware
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.station import Station
from releve.services.errors import Invalid
from releve.services.files import FileDesk, Ticket
from releve.services.images import Images, check_url
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Clock, Work
from releve.services.reports import Reports
from releve.services.signatures import check_validity

PATIENCE = timedelta(hours=24)
"""How long after its time an update may go on: stations wait for transactions to end."""
LIFETIME = timedelta(days=7)
"""How long after its time an image can be fetched."""
FURTHEST = timedelta(days=366)
MOST_RETRIES = 100
MOST_INTERVAL_S = 86_400
CANCELED = "AcceptedCanceled"
IDLE, INSTALLED = "Idle", "Installed"


class When(msgspec.Struct, frozen=True, kw_only=True):
    """How an image is to be fetched and installed. None: at once, or the station's own default.

    signed: as signed firmware (L01) or plain (L02); None: signed when the image is. basic, secure: see `FileDesk`.
    """

    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    signed: bool | None = None
    basic: bool = False
    secure: bool = False


class Firmware:
    def __init__(
        self,
        clock: Clock,
        operations: Operations,
        files: FileDesk,
        images: Images,
        reports: Reports,
    ) -> None:
        self._clock = clock
        self._operations = operations
        self._files = files
        self._images = images
        self._reports = reports

    async def update(
        self,
        operator: OperatorId,
        station: StationId,
        image: Image,
        when: When,
        *,
        location: str = "",
        by: str = "",
        timeout: float | None = None,
        more: dict[str, Any] | None = None,
    ) -> Operation:
        """Ask a station to update. location: where it finds the image instead (a local controller that publishes it).

        A running one is CANCELLED when the station answers AcceptedCanceled (L01.FR.24), and goes on when it cannot
        stop it and answers Rejected (L01.FR.27).
        """
        now = self._clock.now()
        check_times(when, now)
        signed = _signed(image, when, now)
        retrieve_at = when.retrieve_at or now
        last = when.install_at or retrieve_at
        ticket = await self._ticket(operator, station, image, when, last - now + LIFETIME, location)
        running = await self._operations.latest(operator, station, (UPDATE,))

        command = UpdateFirmware(
            request_id=0,
            location=ticket.url if ticket else location or image.url,
            retrieve_at=retrieve_at,
            certificate=image.certificate if signed else None,  # L01.FR.11
            signature=image.signature if signed else None,
            **_as_asked(when),
        )
        operation = await self._operations.begin(
            operator,
            station,
            UPDATE,
            lambda number: msgspec.structs.replace(command, request_id=number),
            by=by,
            patience=max(last - now, timedelta()) + PATIENCE,
            arguments=_arguments(image, when, signed=signed) | (more or {}),
            timeout=timeout,
            also=ticket.add if ticket else None,
        )
        return await self._replace(running, operation)

    async def _ticket(
        self,
        operator: OperatorId,
        station: StationId,
        image: Image,
        when: When,
        lifetime: timedelta,
        location: str,
    ) -> Ticket | None:
        if location:
            check_url(location, "location")
            return None
        if image.file is None:
            return None
        file = await self._files.get(operator, FileId(image.file))
        return self._files.offer(
            operator, station, file, lifetime, basic=when.basic, secure=when.secure
        )

    async def _replace(self, running: Operation | None, operation: Operation) -> Operation:
        """An update that the station gave up for this one has ended (1.6 without signature has no word for it)."""
        if operation.state is OperationState.FAILED:
            await self._files.close(operation)  # nobody needs the image's address any more
        elif running is not None and operation.status in (CANCELED, ""):
            await self._operations.finish(
                running.operator,
                running.id,
                OperationState.CANCELLED,
                problem="A newer firmware update took its place.",
            )
        return operation

    async def progress(
        self, inbound: Inbound, request_id: int | None, status: str, detail: dict[str, Any]
    ) -> None:
        """Take in a status. Words may come late, twice, or not at all; the last one that ends it counts."""
        operation = None
        if status != IDLE:  # the answer to a question when nothing goes on (L01.FR.25)
            operation = await self._operations.progress(
                inbound, (UPDATE,), request_id, status, done=DONE, failed=FAILED, detail=detail
            )
        if operation is None:
            told = {"status": status, **({"requestId": request_id} if request_id else {}), **detail}
            await self._reports.told(inbound, inbound.action, told)

    async def booted(self, work: Work, before: Station, after: Station) -> None:
        """A boot in the middle of an update: a version that has changed is noted with it; the one wanted ends it.

        Stations may reboot before they report, and some never report (1.6 5.19).
        """
        running = await work.operations.unfinished(after.id, (UPDATE,))
        if not running:
            return
        operation, now = running[0], self._clock.now()
        wanted = operation.arguments.get("version") or ""
        there = bool(wanted) and after.firmware == wanted
        if after.firmware == before.firmware and not there:
            return
        told = {"firmware_before": before.firmware, "firmware": after.firmware}
        changed = msgspec.structs.replace(
            operation, result={**operation.result, **told}, updated_at=now
        )
        if there and before.firmware != wanted:
            changed = msgspec.structs.replace(changed, state=OperationState.DONE, status=INSTALLED)
        work.operations.save(changed)
        self._operations.announce(work, changed, after)


def _as_asked(when: When) -> dict[str, Any]:
    return {name: getattr(when, name) for name in ("install_at", "retries", "retry_interval_s")}


def _signed(image: Image, when: When, now: datetime) -> bool:
    signed = image.signed if when.signed is None else when.signed
    if signed and not image.signed:
        raise Invalid("This image has no signature: sign it, or update unsigned.", field="signed")
    if signed:
        check_validity(image.certificate, now)  # A00.FR.707: it may have expired since it was given
    return signed


def check_times(when: When, now: datetime) -> None:
    """Invalid when no station could make sense of them."""
    for field in ("retrieve_at", "install_at"):
        at = getattr(when, field)
        if at is not None and at > now + FURTHEST:
            raise Invalid("This is more than a year ahead.", field=field)
    if when.install_at and when.retrieve_at and when.install_at < when.retrieve_at:
        raise Invalid("It cannot be installed before it is fetched.", field="install_at")
    if when.install_at and when.install_at < now:
        raise Invalid("The time of installation has passed.", field="install_at")
    check_retries(when.retries, when.retry_interval_s)


def check_retries(retries: int | None, interval_s: int | None) -> None:
    """Invalid when out of reason."""
    if retries is not None and not 0 <= retries <= MOST_RETRIES:
        raise Invalid(f"0 to {MOST_RETRIES} retries.", field="retries")
    if interval_s is not None and not 0 <= interval_s <= MOST_INTERVAL_S:
        raise Invalid(f"0 to {MOST_INTERVAL_S} seconds.", field="retry_interval_s")


def _arguments(image: Image, when: When, *, signed: bool) -> dict[str, Any]:
    """For showing: what was asked for, without the address's secret."""
    found = {
        "image": image.id,
        "name": image.name,
        "version": image.version,
        "signed": signed,
        "retrieve_at": when.retrieve_at,
        "install_at": when.install_at,
        "retries": when.retries,
        "retry_interval_s": when.retry_interval_s,
    }
    builtins: dict[str, Any] = msgspec.to_builtins(
        {name: value for name, value in found.items() if value is not None}
    )
    return builtins
