"""P: vendors' own messages. A plug-in answers for a vendor; nobody's vendor gets the standard's refusal.

Plug-ins are Python packages with an entry point in the group `releve.data_transfer`; see docs/plugins.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from releve.services.live import Inbound
from releve.services.reports import Reports

STATUSES = ("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId")
"""DataTransferStatusEnumType."""


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """What a station sent. data: text in 1.6, any JSON value in 2.x."""

    vendor: str
    message: str | None = None
    data: Any = None


class TransferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """status: one of STATUSES. data: text, or any JSON value; in 1.6 it travels as JSON text."""

    status: str = "Accepted"
    data: Any = None


class TransferStation(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent it, as far as a plug-in may know. version: 1.6, 2.0.1 or 2.1, as the station's line says it."""

    id: str
    operator: str
    identity: str
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    version: str = ""


VendorHandler = Callable[[Transfer, TransferStation], Awaitable[TransferAnswer]]
"""Answers a vendor's message. It may raise whatever it likes: the station then gets Rejected, and nothing else
happens."""


class DataTransfers:
    """The registry of vendor handlers."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._handlers: dict[tuple[str, str | None], VendorHandler] = {}

    def register(self, vendor: str, message: str | None, handler: VendorHandler) -> None:
        """Have `handler` answer a vendor's message; message None: all of that vendor without a handler of their own."""
        self._handlers[(vendor.casefold(), message)] = handler

    @property
    def vendors(self) -> list[str]:
        """The vendors that somebody answers for."""
        return sorted({vendor for vendor, _ in self._handlers})

    async def received(self, inbound: Inbound, transfer: Transfer) -> TransferAnswer:
        """Answer a DataTransfer. What nobody handles is kept for the operator and refused (P02.FR.06, P02.FR.07)."""
        vendor = transfer.vendor.casefold()
        handler = self._handlers.get((vendor, transfer.message)) or self._handlers.get(
            (vendor, None)
        )
        if handler is not None:
            return await self._handled(inbound, transfer, handler)
        await self._keep(inbound, transfer)
        if any(known == vendor for known, _ in self._handlers):
            return TransferAnswer(status="UnknownMessageId")
        return TransferAnswer(status="UnknownVendorId")

    async def _handled(
        self, inbound: Inbound, transfer: Transfer, handler: VendorHandler
    ) -> TransferAnswer:
        """What the handler answers. One that fails loses nothing: the message is kept, and the failure with it."""
        try:
            answer = checked(await handler(transfer, _station(inbound)))
        except Exception as error:
            await self._keep(inbound, transfer, problem=f"{type(error).__name__}: {error}")
            return TransferAnswer(status="Rejected")
        if answer.status in ("UnknownMessageId", "UnknownVendorId"):
            await self._keep(inbound, transfer)
        return answer

    async def _keep(self, inbound: Inbound, transfer: Transfer, problem: str = "") -> None:
        detail = msgspec.to_builtins(transfer)
        if problem:
            detail["problem"] = problem[:500]
        await self._reports.told(inbound, "DataTransfer", detail)


def checked(answer: object) -> TransferAnswer:
    """An answer that can be sent; ValueError or TypeError for what cannot."""
    if not isinstance(answer, TransferAnswer):
        raise TypeError(f"a plug-in answers with a TransferAnswer, not {type(answer).__name__}")
    if answer.status not in STATUSES:
        raise ValueError(f"a plug-in's status is one of {', '.join(STATUSES)}")
    data = msgspec.to_builtins(answer.data)  # TypeError for what is no JSON value
    return TransferAnswer(status=answer.status, data=data)


def _station(inbound: Inbound) -> TransferStation:
    station = inbound.station
    return TransferStation(
        id=str(station.id),
        operator=str(station.operator),
        identity=station.identity,
        vendor=station.vendor,
        model=station.model,
        serial=station.serial,
        firmware=station.firmware,
        version=(station.version or "").removeprefix("ocpp"),
    )
