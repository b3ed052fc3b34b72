"""P: vendors' own messages. A plug-in registers for a vendor; nobody's vendor gets the standard's refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from releve.services.live import Inbound
from releve.services.reports import Reports


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """data: text in 1.6, any JSON value in 2.x."""

    vendor: str
    message: str | None = None
    data: Any = None


class TransferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """status: Accepted, Rejected, UnknownMessageId or UnknownVendorId."""

    status: str
    data: Any = None


VendorHandler = Callable[[Inbound, Transfer], Awaitable[TransferAnswer]]


class DataTransfers:
    """The registry of vendor handlers."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._handlers: dict[tuple[str, str | None], VendorHandler] = {}

    def register(self, vendor: str, message: str | None, handler: VendorHandler) -> None:
        """Have `handler` answer a vendor's message; message None: all of that vendor without a handler of their own."""
        self._handlers[(vendor.casefold(), message)] = handler

    async def received(self, inbound: Inbound, transfer: Transfer) -> TransferAnswer:
        """Answer a DataTransfer. What nobody handles is kept for the operator and refused (P02.FR.06, P02.FR.07)."""
        vendor = transfer.vendor.casefold()
        handler = self._handlers.get((vendor, transfer.message)) or self._handlers.get(
            (vendor, None)
        )
        if handler is not None:
            return await handler(inbound, transfer)
        await self._reports.told(inbound, "DataTransfer", msgspec.to_builtins(transfer))
        if any(known == vendor for known, _ in self._handlers):
            return TransferAnswer(status="UnknownMessageId")
        return TransferAnswer(status="UnknownVendorId")
