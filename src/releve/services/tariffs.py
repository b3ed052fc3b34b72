"""I: the operator's tariffs: the register, and the book of them in memory that running transactions are priced by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from releve.domain.ids import OperatorId
from releve.domain.station import Station
from releve.domain.tariff import Tariff, TariffVersion, choose
from releve.domain.tariff_check import problem
from releve.services.errors import Invalid, NotFound, Taken
from releve.services.ports import Clock, Store, Work

MOST_VERSIONS = 10_000
"""Contents of tariffs in memory; beyond, all are read anew."""
FRESH_S = 30.0
"""How soon a change that another process made (the command line) reaches transactions here."""


class TariffBook:
    """All tariffs of each operator in memory. `TariffDesk` throws an operator's page away at each change: the next
    transaction reads it anew. What another process changes is read after `FRESH_S`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[OperatorId, tuple[float, tuple[Tariff, ...]]] = {}
        self._versions: dict[tuple[OperatorId, str], Tariff] = {}

    async def all(self, work: Work) -> tuple[Tariff, ...]:
        """The operator's tariffs by name; one read, then from memory."""
        now = self._clock.monotonic()
        page = self._pages.get(work.operator)
        if page is None or now - page[0] > FRESH_S:
            page = self._pages[work.operator] = (now, tuple(await work.documents.all(Tariff)))
        return page[1]

    async def choose(
        self, work: Work, station: Station, at: datetime, token: str | None, group: str | None
    ) -> Tariff | None:
        """The tariff for a driver at this station now; None: charging is free there."""
        return choose(
            await self.all(work),
            at,
            token=token,
            group=group,
            station=station.identity,
            site=station.site,
        )

    async def version(self, work: Work, tariff_id: str) -> Tariff | None:
        """The content under a tariffId, also one that has been changed or removed since (I08.FR.08)."""
        key = (work.operator, tariff_id)
        found = self._versions.get(key)
        if found is None:
            kept = await work.documents.get(TariffVersion, tariff_id)
            if kept is None:
                return None
            if len(self._versions) >= MOST_VERSIONS:
                self._versions.clear()
            found = self._versions[key] = kept.tariff
        return found

    def keep(self, work: Work, tariff: Tariff, at: datetime) -> None:
        """Keep a tariff's content under its id: it goes to a station or a transaction."""
        key = (work.operator, tariff.tariff_id)
        if key in self._versions:
            return
        work.documents.save(
            TariffVersion(tariff_id=tariff.tariff_id, tariff=tariff, first_used_at=at)
        )

    def forget(self, operator: OperatorId) -> None:
        """Read the operator's tariffs anew next time."""
        self._pages.pop(operator, None)


class TariffDesk:
    """The register of tariffs. A change holds for transactions that begin after it; running ones keep theirs."""

    def __init__(self, store: Store, clock: Clock, book: TariffBook) -> None:
        self._store = store
        self._clock = clock
        self._book = book

    async def all(self, operator: OperatorId) -> list[Tariff]:
        """By name."""
        async with self._store.work(operator) as work:
            return await work.documents.all(Tariff)

    async def get(self, operator: OperatorId, name: str) -> Tariff:
        """One by its name, or by a tariffId that it has now or had once; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(Tariff, name)
            found = found or await self._book.version(work, name)
        if found is None:
            raise NotFound("There is no such tariff.")
        return found

    async def add(self, operator: OperatorId, tariff: Tariff) -> Tariff:
        """Register one; Taken when the name is in use, Invalid with what is wrong with it."""
        return await self._save(operator, tariff, new=True)

    async def change(self, operator: OperatorId, tariff: Tariff) -> Tariff:
        """Replace the one of this name; another content gets another tariffId by itself (I08.FR.08)."""
        return await self._save(operator, tariff, new=False)

    async def _save(self, operator: OperatorId, tariff: Tariff, *, new: bool) -> Tariff:
        fault = problem(tariff)
        if fault is not None:
            raise Invalid(fault.message, field=fault.field)
        async with self._store.work(operator) as work:
            known = await work.documents.get(Tariff, tariff.name)
            if new and known is not None:
                raise Taken(f"There is a tariff named {tariff.name} already.", field="name")
            if not new and known is None:
                raise NotFound("There is no such tariff.")
            _one_for_everyone(tariff, await work.documents.all(Tariff))
            work.documents.save(tariff)
            self._book.keep(work, tariff, self._clock.now())
        self._book.forget(operator)
        return tariff

    async def remove(self, operator: OperatorId, name: str) -> None:
        """Forget one. Transactions keep what they cost, and stations what was installed there."""
        async with self._store.work(operator) as work:
            if await work.documents.get(Tariff, name) is None:
                raise NotFound("There is no such tariff.")
            work.documents.remove(Tariff, name)
        self._book.forget(operator)


def _one_for_everyone(tariff: Tariff, others: Iterable[Tariff]) -> None:
    """Two tariffs for everyone that begin at the same time would leave it to their names which one counts."""
    for other in others:
        if (
            tariff.scope.everyone
            and other.scope.everyone
            and other.name != tariff.name
            and other.valid_from == tariff.valid_from
        ):
            raise Taken(
                f"{other.name} is for everyone already: give one of them a later start.",
                field="scope",
            )
