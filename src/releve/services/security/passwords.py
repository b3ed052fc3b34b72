"""A01: a station's password is changed so that it cannot be locked out.

Both passwords are accepted from before the new one is sent until it is known whether the station took it: Accepted
leaves the new one, Rejected the old one. If neither is ever heard (no answer, or this system died before it could write
it down), the station settles it by what it presents when it comes back.
"""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from releve.domain.commands import Outcome, Result, SetVariables, VariableName
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.security import BASIC_PROFILES
from releve.domain.station import Station
from releve.services.commands import Commands
from releve.services.credentials import Credentials
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.operations import Operations
from releve.services.ports import Presence, Store

KIND = "password"
PATIENCE = timedelta(days=7)
"""How long the outcome may stay open: until then the station has been seen again."""
OLD = "ocpp1.6"
VARIABLE = VariableName(component="SecurityCtrlr", variable="BasicAuthPassword")
KEY = VariableName(variable="AuthorizationKey")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){16,20}\Z")
_PLAIN = re.compile(r"[A-Za-z0-9*\-_=:+|@.]+\Z")
"""2.x identifierString, from which a password's characters come (A00.FR.205)."""


class Passwords:
    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        presence: Presence,
        commands: Commands,
        operations: Operations,
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._presence = presence
        self._commands = commands
        self._operations = operations

    async def change(
        self,
        operator: OperatorId,
        station: StationId,
        password: str = "",
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Operation, str]:
        """Give a connected station a new password ("" makes one: A01.FR.06, A01.FR.07); operation and password.

        DONE: only the new one counts. FAILED: only the old one. RUNNING: the outcome is not known, both count.
        """
        row = await self._row(operator, station)
        live = self._presence.live(station)
        if live is None:
            raise NotNow(
                "The station is not connected: its password can only be changed while it is."
            )
        if row.security_profile not in BASIC_PROFILES and row.profile_next not in BASIC_PROFILES:
            raise NotNow(
                "This station does not prove who it is by a password: its security profile is "
                f"{row.security_profile}."
            )
        old = live.station.version == OLD
        password = password or self._credentials.generate()
        password = password.lower() if old and _HEX.match(password) else password
        name, value = _for_old(password) if old else _for_new(password)
        # A01.FR.08: what is kept is a salted digest, here as ever; it is on disk before the station hears of it.
        await self._save(row, credential_next=self._credentials.verifier(password))
        operation = await self._operations.begin(
            operator,
            station,
            KIND,
            lambda _: SetVariables(values=((name, value),), password=True),
            by=by,
            patience=PATIENCE,
            timeout=timeout,
        )
        return await self._settled(operation), password

    async def _settled(self, operation: Operation) -> Operation:
        """Draw the conclusion from the station's answer."""
        row = await self._row(operation.operator, operation.station)
        if row.credential_next is None:  # it came back with the new one while we waited
            return await self._operations.get(operation.operator, operation.id)
        if operation.state is OperationState.RUNNING:
            if operation.status == "RebootRequired":  # it takes the new one when it has restarted
                return operation
            # A01.FR.03: from now on only the new one.
            await self._save(row, credential=row.credential_next, credential_next=None)
            return await self._operations.finish(
                operation.operator, operation.id, OperationState.DONE
            )
        outcome = msgspec.convert(operation.result, Outcome)
        if _refused(outcome):
            # A01.FR.04: it has not changed it, the old one goes on. (A01.FR.05: its boot decision is the operator's.)
            await self._save(row, credential_next=None)
            return operation
        return operation

    async def forget(self, operator: OperatorId, station: StationId) -> None:
        """Accept only the old password again, after an outcome that was never known. The operator's own risk."""
        row = await self._row(operator, station)
        if row.credential_next is None:
            raise NotNow("No change of the password is open.")
        await self._save(row, credential_next=None)

    async def _row(self, operator: OperatorId, station: StationId) -> Station:
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.")
        return found

    async def _save(self, row: Station, **changes: object) -> None:
        async with self._store.work(row.operator) as work:
            work.stations.save_security(msgspec.structs.replace(row, **changes))


def _refused(outcome: Outcome) -> bool:
    """Whether it is certain that the station has the old one: it said so, or never heard of the new one."""
    if outcome.result in (Result.ANSWERED, Result.ERROR):
        return True
    return outcome.result in (
        Result.BUSY,
        Result.UNSUPPORTED,
        Result.NOT_ALLOWED,
        Result.INVALID,
    )


def _for_new(password: str) -> tuple[VariableName, str]:
    """2.x: the password as it is (A01.FR.02)."""
    if not 16 <= len(password) <= 40 or not _PLAIN.match(password):
        raise Invalid(
            "A station's password has 16 to 40 letters, digits or * - _ = : + | @ .",
            field="password",
        )
    return VARIABLE, password


def _for_old(password: str) -> tuple[VariableName, str]:
    """1.6: 16 to 20 bytes, sent in hexadecimal (AuthorizationKey); digits that are hexadecimal already stay."""
    if _HEX.match(password):
        return KEY, password
    raw = password.encode()
    if not 16 <= len(raw) <= 20:
        raise Invalid(
            "The password of an OCPP 1.6 station has 16 to 20 characters, or 32 to 40 hexadecimal digits.",
            field="password",
        )
    return KEY, raw.hex()
