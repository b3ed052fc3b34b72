"""N09, N10: what a station knows of a customer: to be told, to be forgotten, or both."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from releve.domain.diagnostics import CUSTOMER, CertificateHash, CustomerInformation
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.token import IdToken
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.live import Inbound
from releve.services.local_lists import LocalLists
from releve.services.operations import Operations
from releve.services.ports import Background
from releve.services.reports import Reports

LONGEST_IDENTIFIER = 64
LONGEST_TOKEN = 255
AGAIN_S = 3.0
MOST_ATTEMPTS = 20
"""To take a customer off a list that is just being sent: so often and at this distance."""


class WantedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is meant, named in exactly one way, and what is to be done.

    certificate: by the hash algorithm that it was installed with (N09.FR.08, N10.FR.09).
    """

    report: bool
    clear: bool
    token: IdToken | None = None
    identifier: str = ""
    certificate: CertificateHash | None = None


class Customers:
    def __init__(
        self,
        operations: Operations,
        reports: Reports,
        lists: LocalLists,
        background: Background,
    ) -> None:
        self._operations = operations
        self._reports = reports
        self._lists = lists
        self._background = background

    async def ask(
        self,
        operator: OperatorId,
        station: StationId,
        wanted: WantedCustomer,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask a station. What it tells comes in parts, and is kept for a few days only (`Settings`)."""
        _check(wanted)

        def make(request_id: int) -> CustomerInformation:
            return CustomerInformation(
                request_id=request_id,
                report=wanted.report,
                clear=wanted.clear,
                token=wanted.token,
                identifier=wanted.identifier or None,
                certificate=wanted.certificate,
            )

        operation = await self._operations.begin(
            operator,
            station,
            CUSTOMER,
            make,
            by=by,
            arguments=_arguments(wanted),
            timeout=timeout,
        )
        if operation.state is not OperationState.FAILED:
            self._off_the_list(operation)
        return operation

    async def told(
        self, inbound: Inbound, request_id: int, seq_no: int, tbc: bool, data: str
    ) -> None:
        """Keep a part. What nobody asked for is not kept: it may be personal."""
        operation = await self._operations.part(
            inbound, CUSTOMER, request_id, seq_no, tbc, {"data": data}
        )
        if operation is None:
            unknown = {"requestId": request_id, "seqNo": seq_no, "characters": len(data)}
            await self._reports.told(inbound, inbound.action, unknown)
        elif operation.state is OperationState.DONE:
            self._off_the_list(operation)

    async def overdue(self, operation: Operation) -> bool:
        """A clearing that the station took on, and of whose end it never told: EXPIRED, but not without effect."""
        if not operation.arguments.get("clear") or operation.state is not OperationState.RUNNING:
            return False
        self._off_the_list(operation)
        await self._operations.finish(
            operation.operator,
            operation.id,
            OperationState.EXPIRED,
            problem="The station took on to clear the customer's data, but did not tell that it has.",
        )
        return True

    def _off_the_list(self, operation: Operation) -> None:
        """A customer whom the station forgets is to be gone from its local list, too (N10.FR.02).

        As soon as it takes that on, for what it tells afterwards may be lost; and again at the end, for the first
        attempt may have failed. Once it is certain that the token is gone nothing is sent.
        """
        token = operation.arguments.get("token")
        if not token or not operation.arguments.get("clear"):
            return
        cleared = IdToken(str(token), str(operation.arguments.get("token_type", "")))

        async def remove(attempts: int = MOST_ATTEMPTS) -> None:
            try:
                await self._lists.removed(
                    operation.operator, operation.station, cleared, by=operation.by
                )
            except NotNow:  # a list is on its way there
                if attempts > 1:
                    again = partial(remove, attempts - 1)
                    self._background.start(again, after_s=AGAIN_S)

        self._background.start(remove)

    async def text(self, operator: OperatorId, operation: OperationId) -> str:
        """What the station told, in one text; empty when it knows nothing."""
        found = await self._operations.get(operator, operation)
        if found.kind != CUSTOMER:
            raise NotFound("There is no such request for a customer's information.")
        if found.state is OperationState.FAILED:
            return ""
        parts = await self._operations.parts(operator, operation)
        return "".join(str(part.content.get("data", "")) for part in parts)


def _check(wanted: WantedCustomer) -> None:
    if not wanted.report and not wanted.clear:
        raise Invalid("Ask for a report, for clearing, or for both.", field="report")
    named = [
        field
        for field, value in (
            ("token", wanted.token),
            ("identifier", wanted.identifier),
            ("certificate", wanted.certificate),
        )
        if value
    ]
    if len(named) != 1:  # N09.FR.04, N10.FR.08
        raise Invalid(
            "Name the customer in exactly one way: token, identifier or certificate.",
            field=named[1] if named else "token",
        )
    if len(wanted.identifier) > LONGEST_IDENTIFIER:
        raise Invalid(f"At most {LONGEST_IDENTIFIER} characters.", field="identifier")
    if wanted.token is not None and len(wanted.token.value) > LONGEST_TOKEN:
        raise Invalid(f"At most {LONGEST_TOKEN} characters.", field="token")


def _arguments(wanted: WantedCustomer) -> dict[str, Any]:
    found: dict[str, Any] = {"report": wanted.report, "clear": wanted.clear}
    if wanted.token is not None:
        found |= {"token": wanted.token.value, "token_type": wanted.token.type}
    elif wanted.identifier:
        found["identifier"] = wanted.identifier
    elif wanted.certificate is not None:
        found["certificate"] = msgspec.to_builtins(wanted.certificate)
    return found
