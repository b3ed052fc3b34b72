"""What every version of the protocol must be able to say for a station."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from releve.ocpp.errors import ErrorCode
from releve.ocpp.messages.base import Message
from releve.ocpp.version import Version
from releve.simulator.certificates import Name
from releve.simulator.evse import Evse, Status
from releve.simulator.meter import Context, Sample
from releve.simulator.profiles.model import Profile
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Transaction, Trigger

if TYPE_CHECKING:
    from releve.simulator.station import Station


class Registration(StrEnum):
    """What the CSMS said to the last BootNotification."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class BootReason(StrEnum):
    """Why the station booted; wire names of 2.x."""

    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    LOCAL_RESET = "LocalReset"
    TRIGGERED = "Triggered"


@dataclass(frozen=True, slots=True)
class BootAnswer:
    """`interval_s`: between heartbeats when accepted, else until the next attempt; 0 = the station chooses."""

    registration: Registration
    current_time: datetime
    interval_s: int


Then = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and what the station does once it is on its way."""

    response: Message
    then: Then | None = None


class NotAnswerable(Exception):
    """The CALL gets a CALLERROR with this code."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Dialect(ABC):
    """One version. It turns the station's doings into messages and the CSMS's calls into doings."""

    version: Version

    @abstractmethod
    async def boot(self, station: "Station", reason: BootReason) -> BootAnswer: ...

    @abstractmethod
    async def heartbeat(self, station: "Station") -> datetime:
        """Returns the CSMS's time."""

    def visible(self, evse: Evse) -> str:
        """The status of `evse` as this version shows it: only a change of that is reported."""
        return evse.status.value

    @abstractmethod
    async def report_status(
        self,
        station: "Station",
        evse: Evse | None,
        status: Status,
        at: datetime,
        error: str | None = None,
    ) -> None:
        """Report an EVSE, or the station as a whole when `evse` is None (1.6 connector 0).

        `error` is the 1.6 error code of a fault, as it was at `at`.
        """

    @abstractmethod
    async def authorize(self, station: "Station", token: Token) -> TokenInfo: ...

    @abstractmethod
    def began(self, station: "Station", transaction: Transaction, trigger: Trigger) -> None:
        """Queue the start of `transaction`."""

    @abstractmethod
    def changed(
        self,
        station: "Station",
        transaction: Transaction,
        trigger: Trigger,
        context: Context | None = None,
    ) -> None:
        """Queue word of a change in `transaction`, with a reading for a `context`; 1.6 has no message for it."""

    @abstractmethod
    def sampled(self, station: "Station", transaction: Transaction, sample: Sample) -> None:
        """Queue a sample of `transaction`."""

    @abstractmethod
    def ended(self, station: "Station", transaction: Transaction) -> None:
        """Queue the end of `transaction`."""

    @abstractmethod
    def aligned(self, station: "Station", evse: Evse, sample: Sample) -> None:
        """Queue a clock-aligned sample of an EVSE."""

    @abstractmethod
    async def firmware_status(
        self, station: "Station", status: str, request_id: int | None
    ) -> None: ...

    @abstractmethod
    async def log_status(self, station: "Station", status: str, request_id: int | None) -> None: ...

    @abstractmethod
    async def security_event(self, station: "Station", kind: str, info: str) -> None: ...

    @abstractmethod
    async def sign_own(self, station: "Station", csr: str) -> str:
        """Ask for the station's own certificate; the CSMS's word."""

    async def sign_v2g(self, station: "Station", csr: str) -> str:
        """Ask for a V2G certificate; the CSMS's word. 1.6 has no such thing."""
        return "NotSupported"

    async def certificate_status(self, station: "Station", name: Name, url: str) -> str:
        """Ask for the OCSP status of one of the station's certificates; the CSMS's word."""
        return "NotSupported"

    @abstractmethod
    async def reservation_ended(
        self, station: "Station", reservation_id: int, *, removed: bool = False
    ) -> None:
        """A reservation expired, or was given up; 1.6 tells by a status only."""

    @abstractmethod
    async def external_limit(self, station: "Station", profile: Profile | None) -> None:
        """A limit from outside OCPP was set, or (None) lifted; 1.6 has no message for it (K12, K13)."""

    def watch(self, station: "Station") -> None:
        """A step of time has passed: look at what is monitored. 1.6 has no monitors."""
        return

    @abstractmethod
    def handle(self, station: "Station", action: str, payload: bytes) -> Answer:
        """Obey a CALL of the CSMS.

        Raises:
            NotAnswerable: the CALL gets a CALLERROR.
        """

    @abstractmethod
    def decode_response(self, action: str, payload: bytes) -> Message:
        """The typed response to one of our own CALLs."""
