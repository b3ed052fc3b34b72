"""What block A needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from releve.domain.ids import OperatorId
from releve.services.certificates.signing_requests import SigningRequest

T = TypeVar("T")


class SigningFailed(Exception):
    """A certificate authority did not sign. The text says why, for the operator."""


class CertificateSigner(Protocol):
    """An authority that signs stations' certificates (A02.FR.04): built in, or somebody's server."""

    async def sign(self, operator: OperatorId, request: SigningRequest, days: int) -> str:
        """The chain (PEM, leaf first, without the root); SigningFailed when there will be none."""


class TlsDoors(Protocol):
    """The doors that ask stations for certificates."""

    def trust(self, anchors: Sequence[str]) -> None:
        """From now on, paths may begin at these (PEM) and no others."""


class Errands(Protocol):
    """Work that goes on beside what was asked for."""

    def start(self, work: Coroutine[Any, Any, None], /) -> None:
        """Run it; what it raises is logged."""

    async def pause(self, seconds: float, /) -> None:
        """Let time go by. Only within such work."""

    async def aside(self, work: Callable[[], T], /) -> T:
        """Run something slow in a thread."""
