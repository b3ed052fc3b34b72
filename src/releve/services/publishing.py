"""L03, L04: a local controller fetches an image once and serves it to the stations behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.commands import Outcome, Result
from releve.domain.file import FileId
from releve.domain.firmware import (
    NOT_PUBLISHED,
    PUBLISH,
    PUBLISHED,
    Image,
    PublishedFirmware,
    PublishFirmware,
    UnpublishFirmware,
)
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound
from releve.services.files import FileDesk
from releve.services.firmware import IDLE, LIFETIME, check_retries
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Store
from releve.services.reports import Reports

PATIENCE = timedelta(hours=6)
NO_FIRMWARE = "NoFirmware"


class Publishing:
    def __init__(
        self,
        store: Store,
        operations: Operations,
        commands: Commands,
        files: FileDesk,
        reports: Reports,
    ) -> None:
        self._store = store
        self._operations = operations
        self._commands = commands
        self._files = files
        self._reports = reports

    async def publish(
        self,
        operator: OperatorId,
        controller: StationId,
        image: Image,
        *,
        checksum: str = "",
        retries: int | None = None,
        retry_interval_s: int | None = None,
        secure: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask a local controller to publish an image. checksum: MD5, for an image that lies elsewhere (L03.FR.02)."""
        check_retries(retries, retry_interval_s)
        md5 = _md5(image.md5 or checksum)
        ticket = None
        if image.file is not None:
            file = await self._files.get(operator, FileId(image.file))
            ticket = self._files.offer(operator, controller, file, LIFETIME, secure=secure)

        command = PublishFirmware(
            request_id=0,
            location=ticket.url if ticket else image.url,
            checksum=md5,
            retries=retries,
            retry_interval_s=retry_interval_s,
        )
        named = {"image": image.id, "name": image.name, "version": image.version}
        return await self._operations.begin(
            operator,
            controller,
            PUBLISH,
            lambda number: msgspec.structs.replace(command, request_id=number),
            by=by,
            patience=PATIENCE,
            arguments={**named, "checksum": md5},
            timeout=timeout,
            also=ticket.add if ticket else None,
        )

    async def progress(
        self,
        inbound: Inbound,
        request_id: int | None,
        status: str,
        locations: tuple[str, ...],
        detail: dict[str, Any],
    ) -> None:
        """Take in a status; Published brings the addresses under which the stations find it (L03.FR.04)."""
        more = {**detail, **({"locations": list(locations)} if locations else {})}
        operation = None
        if status != IDLE:
            operation = await self._operations.progress(
                inbound,
                (PUBLISH,),
                request_id,
                status,
                done=PUBLISHED,
                failed=NOT_PUBLISHED,
                detail=more,
            )
        if operation is None:
            await self._reports.told(inbound, inbound.action, {"status": status, **more})
        elif status in PUBLISHED:
            published = PublishedFirmware(
                checksum=str(operation.arguments.get("checksum", "")),
                image=str(operation.arguments.get("image", "")),
                locations=locations,
                published_at=inbound.at,
            )
            async with self._store.work(operation.operator) as work:
                work.holdings.save(operation.station, published)

    async def unpublish(
        self,
        operator: OperatorId,
        controller: StationId,
        checksum: str,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Ask it to serve the image no longer. DownloadOngoing: a station is fetching it, so it stays (L04.FR.04)."""
        command = UnpublishFirmware(checksum=checksum.strip().lower())
        outcome = await self._commands.perform(
            operator, controller, command, by=by, timeout=timeout
        )
        gone = outcome.accepted or outcome.status == NO_FIRMWARE
        if outcome.result is Result.ANSWERED and gone:
            async with self._store.work(operator) as work:
                work.holdings.remove(controller, PublishedFirmware, command.checksum)
        return outcome

    async def published(
        self, operator: OperatorId, controller: StationId
    ) -> list[PublishedFirmware]:
        """What a local controller serves, as far as it told."""
        async with self._store.work(operator) as work:
            return await work.holdings.all(controller, PublishedFirmware)

    async def location(self, operator: OperatorId, controller: StationId, image: str) -> str:
        """Where a controller serves an image; NotFound when it does not."""
        for one in await self.published(operator, controller):
            if one.image == image and one.locations:
                return one.locations[0]
        raise NotFound("This local controller does not publish the image.", field="controller")


def _md5(text: str) -> str:
    md5 = text.strip().lower()
    if len(md5) != 32 or not set(md5) <= set("0123456789abcdef"):
        raise Invalid("The MD5 checksum of the image has 32 hexadecimal digits.", field="checksum")
    return md5
