"""Vendors' plug-ins for DataTransfer, found by their entry points and kept at arm's length.

A plug-in is somebody else's code inside this process. What it does wrong stays with it: one that cannot be loaded is
left out, one that raises or takes too long costs its station a Rejected, and what it blocks is a thread of its own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from releve.services.data_transfer import (
    DataTransfers,
    Transfer,
    TransferAnswer,
    TransferStation,
    VendorHandler,
)

GROUP = "releve.data_transfer"
PATIENCE_S = 10.0
"""How long a plug-in may take: stations give up on an answer after 30 to 60 seconds."""

log = structlog.get_logger(__name__)


def load_plugins(
    transfers: DataTransfers,
    *,
    found: Iterable[EntryPoint] | None = None,
    patience_s: float = PATIENCE_S,
) -> list[str]:
    """Register every plug-in; the names of those that work.

    The entry point's name is the vendorId that it answers for, `vendorId/messageId` for one message of it. Its object
    is a function `(transfer, station) -> TransferAnswer`, plain or async.
    """
    loaded = []
    for point in entry_points(group=GROUP) if found is None else found:
        try:
            plugin = point.load()
            if not callable(plugin):
                raise TypeError("it is no function")
        except Exception as error:
            log.error("a plug-in was left out", plugin=point.name, reason=str(error))
            continue
        vendor, _, message = point.name.partition("/")
        transfers.register(vendor, message or None, guarded(point.name, plugin, patience_s))
        loaded.append(point.name)
    if loaded:
        log.info("plug-ins for data transfer", plugins=loaded)
    return loaded


def guarded(name: str, plugin: Callable[..., Any], patience_s: float = PATIENCE_S) -> VendorHandler:
    """The plug-in in a task of its own, with a limit in time. Handlers of messages are driven without a task, so a
    plug-in that uses asyncio's own tools would not work there (`services.ports`).
    """

    async def run(transfer: Transfer, station: TransferStation) -> TransferAnswer:
        if inspect.iscoroutinefunction(plugin):
            work = plugin(transfer, station)
        else:
            work = asyncio.to_thread(plugin, transfer, station)
        answer = await asyncio.wait_for(work, patience_s)
        if inspect.isawaitable(answer):  # a plain function that returned a coroutine
            answer = await asyncio.wait_for(answer, patience_s)
        return answer  # type: ignore[no-any-return]  # `services.data_transfer.checked` judges it

    async def handle(transfer: Transfer, station: TransferStation) -> TransferAnswer:
        task = asyncio.ensure_future(run(transfer, station))
        try:
            return await task
        except TimeoutError:
            log.warning("a plug-in took too long", plugin=name, seconds=patience_s)
            raise TimeoutError(f"no answer within {patience_s:g} s") from None
        except Exception:
            log.exception("a plug-in failed", plugin=name)
            raise

    return handle
