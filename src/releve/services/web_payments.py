"""C25: QR codes at stations that lead to a page where drivers pay."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import ClassVar
from urllib.parse import quote

import msgspec

from releve.domain.commands import Command, Outcome, SetVariables, VariableName
from releve.domain.holding import Holding
from releve.domain.ids import OperatorId, StationId
from releve.domain.payment import Payment
from releve.domain.station import Station
from releve.domain.totp import VERSION, valid
from releve.services.certificates.vault import Unsealable, Vault
from releve.services.commands import Commands
from releve.services.errors import Invalid
from releve.services.payments import PaymentDesk, Wish
from releve.services.ports import Clock, Ids, Store

KEY = "qr"
SECRET_LENGTH = 40
MOST_WH = Decimal(1_000_000)
MOST_S = 7 * 86_400
COMPONENT = "WebPaymentsCtrlr"
PATHS = {
    True: "/pay/{chargingstationid}/{evse}/{totp}/{version}",
    False: "/pay/{chargingstationid}/{totp}/{version}",
}
"""With the EVSE in it, and without."""


class NotifyWebPaymentStarted(Command, frozen=True, kw_only=True):
    """Somebody is about to pay for this EVSE: nobody else shall start there for so long (C25.FR.21)."""

    evse: int
    timeout_s: int


class WebPayments(Holding, frozen=True, kw_only=True):
    """How a station makes its QR codes, as it was told. secret: sealed. static: codes without password, too."""

    kind: ClassVar[str] = "web-payments"

    enabled: bool = True
    secret: str
    validity_s: int = 60
    length: int = 12
    per_evse: bool = True
    static: bool = False
    amount: Decimal = Decimal(50)
    currency: str = "EUR"

    @property
    def key(self) -> str:
        """A station has one."""
        return KEY


class Refused(msgspec.Struct, frozen=True):
    """Why a scanned code leads nowhere. text: for the driver."""

    text: str


UNKNOWN = Refused("This code belongs to no charging station.")
STALE = Refused(
    "This code is no longer valid. Please scan the code on the station's display again."
)
OFF = Refused("This charging station takes no payments on a page.")
WRONG = Refused("This code asks for something impossible. Please scan it again.")


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """A good code: what it asks for."""

    station: Station
    evse: int | None
    setup: WebPayments
    wish: Wish


class WebPaymentDesk:
    """lock_s: how long a station may keep an EVSE for a driver who is paying."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        commands: Commands,
        payments: PaymentDesk,
        vault: Vault,
        base_url: str,
        lock_s: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._commands = commands
        self._payments = payments
        self._vault = vault
        self._base_url = base_url.rstrip("/")
        self._lock_s = lock_s

    # --- setting it up ------------------------------------------------------------------------------------------

    async def look(self, operator: OperatorId, station: StationId) -> WebPayments | None:
        """How a station makes its codes; None: it was never told."""
        async with self._store.work(operator) as work:
            return await work.holdings.get(station, WebPayments, KEY)

    async def configure(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        enabled: bool = True,
        validity_s: int = 60,
        length: int = 12,
        per_evse: bool = True,
        static: bool = False,
        amount: Decimal = Decimal(50),
        currency: str = "EUR",
        by: str = "",
    ) -> tuple[WebPayments | None, Outcome]:
        """Give a station a new secret and how to make its codes; kept when the station has taken all of it."""
        secret = _checked(self._ids.secret(SECRET_LENGTH), validity_s, length, amount)
        values = {
            "URLTemplate": self._base_url + PATHS[per_evse],
            "TOTPVersion": VERSION,
            "ValidityTime": str(validity_s),
            "Length": str(length),
            "SharedSecret": secret,
            "Enabled": str(enabled).lower(),
        }
        told = SetVariables(values=tuple((_name(n), value) for n, value in values.items()))
        outcome = await self._commands.perform(operator, station, told, by=by)
        if not outcome.accepted:
            return await self.look(operator, station), outcome
        setup = WebPayments(
            enabled=enabled,
            secret=self._vault.seal(secret.encode(), _label(station)),
            validity_s=validity_s,
            length=length,
            per_evse=per_evse,
            static=static,
            amount=amount,
            currency=currency.upper(),
        )
        async with self._store.work(operator) as work:
            work.holdings.save(station, setup)
        return setup, outcome

    def static_address(self, identity: str, evse: int) -> str:
        """Where a static code of an EVSE leads: what is printed on its sticker (C25.FR.09)."""
        return f"{self._base_url}/pay/{quote(identity, safe='')}/{evse}"

    # --- a driver scans -----------------------------------------------------------------------------------------

    async def scan(
        self,
        identity: str,
        evse: int | None,
        password: str | None,
        version: str | None,
        query: Mapping[str, str],
    ) -> Scanned | Refused:
        """Read the address of a code (C25.FR.07, C25.FR.09). password None: a static code."""
        station = await self._store.locate(None, identity)
        if station is None:
            return UNKNOWN
        setup = await self.look(station.operator, station.id)
        if setup is None or not setup.enabled or self._payments.provider is None:
            return OFF
        if password is None:
            if not setup.static:
                return STALE
        elif version != VERSION or not self._right(setup, station.id, password):
            return STALE  # C25.FR.08
        if not await self._exists(station, evse):
            return UNKNOWN
        wish = _wish(query)
        if wish is None:
            return WRONG
        return Scanned(station=station, evse=evse, setup=setup, wish=wish)

    def _right(self, setup: WebPayments, station: StationId, password: str) -> bool:
        try:
            secret = self._vault.open(setup.secret, _label(station)).decode()
        except Unsealable:
            return False
        return valid(password, secret, self._clock.now(), setup.validity_s, setup.length)

    async def _exists(self, station: Station, evse: int | None) -> bool:
        """An EVSE that a station has never told of is believed only while it has told of none."""
        if evse is None:
            return True
        async with self._store.work(station.operator) as work:
            known = {e.evse for e in await work.stations.evses(station.id)} - {0}
        return evse >= 1 and (not known or evse in known)

    async def begin(self, scanned: Scanned) -> Payment:
        """Open a payment, and tell the station that somebody pays (C25.FR.20, C25.FR.21)."""
        station, setup = scanned.station, scanned.setup
        payment = await self._payments.open(
            station.operator,
            station.id,
            scanned.evse,
            setup.amount,
            setup.currency,
            scanned.wish,
        )
        if scanned.evse is not None:
            command = NotifyWebPaymentStarted(evse=scanned.evse, timeout_s=self._lock_s)
            await self._commands.perform(
                station.operator, station.id, command, by="driver", timeout=5.0
            )
        return payment


def _checked(secret: str, validity_s: int, length: int, amount: Decimal) -> str:
    if not 10 <= validity_s <= 3600:
        raise Invalid("A code is valid for 10 seconds to one hour.", field="validity_s")
    if not 6 <= length <= 32:
        raise Invalid("The password has 6 to 32 characters.", field="length")
    if amount <= 0:
        raise Invalid("The amount to authorise is more than nothing.", field="amount")
    return secret


def _name(variable: str) -> VariableName:
    return VariableName(component=COMPONENT, variable=variable)


def _label(station: StationId) -> str:
    return f"web payments of station {station}"


def _wish(query: Mapping[str, str]) -> Wish | None:
    """maxenergy (Wh), maxtime (s) and maxcost (C25.FR.59); others are ignored (C25.FR.60). None: no such thing."""
    found: dict[str, Decimal] = {}
    for name, most in (("maxenergy", MOST_WH), ("maxtime", Decimal(MOST_S)), ("maxcost", MOST_WH)):
        text = query.get(name)
        if text is None:
            continue
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        if not number.is_finite() or not 0 < number <= most:
            return None
        found[name] = number
    seconds = found.get("maxtime")
    return Wish(
        energy_wh=found.get("maxenergy"),
        time_s=None if seconds is None else int(seconds),
        cost=found.get("maxcost"),
    )
