"""The European Commission's register of VAT numbers (VIES), asked over its REST interface."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import structlog

from releve.app.outgoing import client, fetch
from releve.domain.vat import VatNumber
from releve.services.ports import VatFound

ADDRESS = "https://ec.europa.eu/taxation_customs/vies/rest-api"
PATIENCE_S = 4.0
"""A driver stands at the terminal, and the station waits for the answer."""
MOST_BYTES = 64 * 1024
_UNTOLD = {"", "---"}

log = structlog.get_logger(__name__)


class Vies:
    """Answers None when the register cannot be asked: it is often busy, and each country's part fails by itself."""

    def __init__(self, address: str = ADDRESS, sender: httpx.AsyncClient | None = None) -> None:
        self._address = address.rstrip("/")
        self._sender = sender

    async def find(self, number: VatNumber) -> VatFound | None:
        """What the register says. In a task of its own, for time limits need one (decision 0005)."""
        return await asyncio.get_running_loop().create_task(self._ask(number))

    async def _ask(self, number: VatNumber) -> VatFound | None:
        url = f"{self._address}/ms/{number.country}/vat/{number.number}"
        sender = self._sender or client()
        try:
            async with asyncio.timeout(PATIENCE_S):
                request = sender.build_request("GET", url, headers={"accept": "application/json"})
                told = msgspec.json.decode(await fetch(sender, request, largest=MOST_BYTES))
        except (httpx.HTTPError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("the register of VAT numbers could not be asked", reason=repr(error))
            return None
        finally:
            if self._sender is None:
                await sender.aclose()
        if not isinstance(told, dict) or told.get("userError") not in (None, "VALID", "INVALID"):
            return None  # MS_UNAVAILABLE, MS_MAX_CONCURRENT_REQ, TIMEOUT, ...
        return VatFound(valid=bool(told.get("isValid")), company=_company(number, told))


def _company(number: VatNumber, told: dict[str, Any]) -> dict[str, Any] | None:
    """2.1 AddressType from a name and an address of several lines, the last with the place."""
    name = str(told.get("name") or "").strip()
    lines = [line.strip() for line in str(told.get("address") or "").splitlines() if line.strip()]
    if name in _UNTOLD or not lines or lines == ["---"]:
        return None
    return {
        "name": name[:50],
        "address1": lines[0][:100],
        "city": lines[-1][:100],
        "country": number.country,
    }
