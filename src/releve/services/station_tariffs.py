"""I, 2.1: tariffs at stations: default ones (I07 to I10), and that of a running transaction (I11)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from releve.domain.commands import Outcome, Result
from releve.domain.ids import OperatorId, StationId, TransactionId
from releve.domain.installed_tariff import DEFAULT, InstalledTariff
from releve.domain.station import Station
from releve.domain.tariff import Tariff
from releve.domain.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from releve.domain.transaction import Transaction, TransactionState
from releve.services.commands import Commands
from releve.services.costs import Costs
from releve.services.device import device_facts
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.offers import ASKED, misfit
from releve.services.ports import Clock, Store
from releve.services.tariffs import TariffBook, TariffDesk


class StationTariffs:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        desk: TariffDesk,
        book: TariffBook,
        costs: Costs,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._desk = desk
        self._book = book
        self._costs = costs

    async def installed(self, operator: OperatorId, station: StationId) -> list[InstalledTariff]:
        """What the station has, as last confirmed."""
        async with self._store.work(operator) as work:
            return await work.holdings.all(station, InstalledTariff)

    async def set_default(
        self,
        operator: OperatorId,
        station: StationId,
        name: str,
        *,
        evse: int = 0,
        unchecked: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Install a tariff as default at one EVSE, or at all (0). Invalid when the station has said that it cannot take
        it; unchecked: send it all the same."""
        tariff = await self._fitting(operator, station, name, unchecked=unchecked)
        command = SetDefaultTariff(tariff=tariff, evse=evse)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            await self._note_installed(operator, station, tariff, evse)
        return outcome

    async def _fitting(
        self, operator: OperatorId, station: StationId, name: str, *, unchecked: bool
    ) -> Tariff:
        tariff = await self._desk.get(operator, name)
        async with self._store.work(operator) as work:
            facts = await device_facts(work, station, ASKED)
            self._book.keep(work, tariff, self._clock.now())
        fault = None if unchecked else misfit(facts, tariff)
        if fault is not None:
            raise Invalid(fault, field="tariff")
        return tariff

    async def _note_installed(
        self, operator: OperatorId, station: StationId, tariff: Tariff, evse: int
    ) -> None:
        """A default without validFrom replaces the former at once, one with it waits beside it (I07.FR.20, FR.22)."""
        async with self._store.work(operator) as work:
            known = await work.holdings.all(station, InstalledTariff)
            for former in known:
                if former.of != DEFAULT or former.valid_from is not None or tariff.valid_from:
                    continue
                rest = tuple(e for e in former.evses if e != evse)
                if evse == 0 or not rest:
                    work.holdings.remove(station, InstalledTariff, former.key)
                elif rest != former.evses:
                    work.holdings.save(station, msgspec.structs.replace(former, evses=rest))
            work.holdings.save(
                station,
                InstalledTariff(
                    tariff_id=tariff.tariff_id,
                    evses=(evse,),
                    valid_from=tariff.valid_from,
                    confirmed_at=self._clock.now(),
                ),
            )

    async def read(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        evse: int = 0,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Ask which tariffs it has; its answer for all EVSEs replaces what was known (I09)."""
        command = GetTariffs(evse=evse)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted and evse == 0:
            async with self._store.work(operator) as work:
                await work.holdings.clear(station, InstalledTariff)
                for told in outcome.told or ():
                    installed = InstalledTariff(
                        **msgspec.structs.asdict(told), confirmed_at=self._clock.now()
                    )
                    work.holdings.save(station, installed)
        return outcome

    async def clear(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        tariff_ids: Iterable[str] = (),
        evse: int | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Remove default tariffs (I10); running transactions keep theirs."""
        command = ClearTariffs(tariff_ids=tuple(tariff_ids), evse=evse)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        cleared = set(outcome.told or ())
        if None in cleared and command.tariff_ids:
            cleared = {*command.tariff_ids}
        if cleared:
            async with self._store.work(operator) as work:
                for known in await work.holdings.all(station, InstalledTariff):
                    everywhere = evse is None or known.evses in ((), (evse,))
                    named = known.tariff_id in cleared or None in cleared
                    if known.of == DEFAULT and named and everywhere:
                        work.holdings.remove(station, InstalledTariff, known.key)
        return outcome

    async def change(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        name: str,
        *,
        unchecked: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Price a running transaction by another tariff from then on (I11); its currency cannot change."""
        row = await self._active(operator, transaction)
        tariff = await self._fitting(operator, row.station, name, unchecked=unchecked)
        current = await self._costs.tariff_of(operator, row.tariff) if row.tariff else None
        if current is not None and current.currency != tariff.currency and not unchecked:
            raise Invalid(
                f"It is charged in {current.currency}: a transaction cannot change its currency.",
                field="tariff",
            )
        command = ChangeTransactionTariff(reference=row.reference, tariff=tariff)
        outcome = await self._commands.perform(
            operator, row.station, command, by=by, timeout=timeout
        )
        if outcome.result is Result.UNSUPPORTED and await self._costs.reprice(row, tariff):
            return Outcome(
                result=Result.ANSWERED,
                status="Accepted",
                accepted=True,
                description="The station knows no tariffs: the cost is reckoned here.",
            )
        return outcome

    async def _active(self, operator: OperatorId, transaction: TransactionId) -> Transaction:
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
        if row is None:
            raise NotFound("There is no such transaction.")
        if row.state is TransactionState.ENDED:
            raise NotNow("This transaction has ended already.")
        return row

    async def station(self, operator: OperatorId, station: StationId) -> Station:
        """The operator's station; NotFound."""
        return await self._commands.station(operator, station)
