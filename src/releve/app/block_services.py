"""The services of blocks that others build on little: made together, so that each is one line in the house."""

from __future__ import annotations

from typing import TypedDict

from releve.services.commands import Commands
from releve.services.cost_telling import CostTelling
from releve.services.costs import Costs
from releve.services.flags import Flags
from releve.services.offers import Offers
from releve.services.ports import Caller, Clock, Presence, Store
from releve.services.pricing import TariffPricing
from releve.services.station_tariffs import StationTariffs
from releve.services.tariffs import TariffBook, TariffDesk


class Priced(TypedDict):
    """Block I."""

    costs: Costs
    tariffs: TariffDesk
    station_tariffs: StationTariffs
    offers: Offers
    cost_telling: CostTelling


def priced(
    store: Store,
    clock: Clock,
    flags: Flags,
    presence: Presence,
    caller: Caller,
    commands: Commands,
) -> Priced:
    """Tariffs, costs and offers, on one book of tariffs and the built-in prices."""
    book = TariffBook()
    desk = TariffDesk(store, clock, book)
    costs = Costs(store, TariffPricing(), book, flags, presence)
    return Priced(
        costs=costs,
        tariffs=desk,
        station_tariffs=StationTariffs(store, clock, commands, desk, book, costs),
        offers=Offers(store, book),
        cost_telling=CostTelling(costs, commands, caller),
    )
