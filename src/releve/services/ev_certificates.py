"""M01, M02: contract certificates installed in cars, through a provider. EXI is passed on byte for byte, never read."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.ports import Store

KEPT_FOR = timedelta(minutes=5)
"""How long the other contracts of a car wait for being fetched, one by one (M01.FR.07)."""
KEPT = 1000


class CertificateAction(StrEnum):
    """2.1 CertificateActionEnumType."""

    INSTALL = "Install"
    UPDATE = "Update"


class CarRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a car asks for. exi: base64, as it came. schema: namespace of the 15118 version the EXI is written in.

    most: how many contracts the car takes; None: 15118-2, which knows one. first: eMAIDs that it wants before others.
    """

    schema: str
    action: CertificateAction
    exi: str
    most: int | None = None
    first: tuple[str, ...] = ()


class CarResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One response for the car. exi: base64. remaining: how many more can be asked for; None for 15118-2."""

    exi: str
    remaining: int | None = None


class Declined(msgspec.Struct, frozen=True, kw_only=True):
    """No certificate. code: a reason code of the standard's appendix; reason: in words, for station and operator."""

    code: str
    reason: str


class ContractCertificates(Protocol):
    """A provider of contract certificates: the pool of a 15118 ecosystem, or a mobility operator."""

    async def obtain(self, request: CarRequest) -> tuple[str, ...] | Declined:
        """The EXI responses for a car, base64, in the order in which it wants them; at least one, within its own bound
        of time. Never raises for what the provider does."""


class NoProvider:
    """Implements ContractCertificates where none is configured."""

    async def obtain(self, request: CarRequest) -> tuple[str, ...] | Declined:
        """Decline."""
        return Declined(code="NotEnabled", reason="no provider of contract certificates is set up")


class EvCertificates:
    def __init__(self, store: Store, provider: ContractCertificates, flags: Flags) -> None:
        self._store = store
        self._provider = provider
        self._flags = flags
        self._waiting: OrderedDict[tuple[int, str], tuple[datetime, tuple[str, ...]]] = (
            OrderedDict()
        )
        """Responses that a car has not fetched yet, by station and digest of its request."""

    async def obtain(
        self, inbound: Inbound, request: CarRequest, *, largest: int
    ) -> CarResponse | Declined:
        """Answer Get15118EVCertificate. largest: characters that fit the version's message."""
        found = await self._responses(inbound, request)
        if not isinstance(found, Declined) and len(found[0]) > largest:
            found = Declined(
                code="TooLargeElement",
                reason=f"the response has {len(found[0])} characters; {largest} fit the message",
            )
        if isinstance(found, Declined):
            await self._tell(inbound, request, found)
            return found
        first, *others = found
        if request.most is None:
            return CarResponse(exi=first)
        self._keep(inbound, request, tuple(others))
        return CarResponse(exi=first, remaining=len(others))  # M01.FR.04, M01.FR.07

    async def _responses(self, inbound: Inbound, request: CarRequest) -> tuple[str, ...] | Declined:
        if not _is_base64(request.exi):
            return Declined(code="InvalidValue", reason="exiRequest is not base64")
        if request.most == 0:
            return Declined(code="ValueTooLow", reason="the car wants no contract")
        waiting = self._take(inbound, request)
        if waiting:
            return waiting
        found = await self._provider.obtain(request)
        if isinstance(found, Declined):
            return found
        if not found:
            return Declined(code="NotFound", reason="the provider has no contract for this car")
        return found[: request.most] if request.most else found[:1]

    def _take(self, inbound: Inbound, request: CarRequest) -> tuple[str, ...]:
        """What waits for the very same request of this station, taken away."""
        until, responses = self._waiting.pop(_key(inbound, request), (inbound.at, ()))
        return responses if until > inbound.at else ()

    def _keep(self, inbound: Inbound, request: CarRequest, responses: tuple[str, ...]) -> None:
        if not responses:
            return
        self._waiting[_key(inbound, request)] = (inbound.at + KEPT_FOR, responses)
        while len(self._waiting) > KEPT:
            self._waiting.popitem(last=False)

    async def _tell(self, inbound: Inbound, request: CarRequest, declined: Declined) -> None:
        async with self._store.work(inbound.station.operator) as work:
            await self._flags.raise_(
                work,
                inbound,
                AnomalyKind.CONTRACT_NOT_INSTALLED,
                action=str(request.action),
                reason=declined.reason,
            )


def _key(inbound: Inbound, request: CarRequest) -> tuple[int, str]:
    return inbound.station.id, hashlib.sha256(request.exi.encode()).hexdigest()


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)
