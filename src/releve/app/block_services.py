"""The services of blocks that others build on little: made together, so that each is one line in the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from releve.services.batteries import Batteries
from releve.services.commands import Commands
from releve.services.cost_telling import CostTelling
from releve.services.costs import Costs
from releve.services.der import DerControls
from releve.services.displays import Displays
from releve.services.flags import Flags
from releve.services.offers import Offers
from releve.services.ports import Caller, Clock, Presence, Store
from releve.services.pricing import TariffPricing
from releve.services.station_tariffs import StationTariffs
from releve.services.tariffs import TariffBook, TariffDesk
from releve.services.v2x import V2x

if TYPE_CHECKING:
    from releve.app.house_services import Ground


class Priced(TypedDict):
    """Block I."""

    costs: Costs
    tariffs: TariffDesk
    station_tariffs: StationTariffs
    offers: Offers
    v2x: V2x
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
    book = TariffBook(clock)
    v2x = V2x(store, clock, commands)
    desk = TariffDesk(store, clock, book)
    costs = Costs(store, clock, TariffPricing(), book, flags, presence)
    return Priced(
        costs=costs,
        tariffs=desk,
        station_tariffs=StationTariffs(store, clock, commands, desk, book, costs),
        offers=Offers(store, book, v2x),
        v2x=v2x,
        cost_telling=CostTelling(costs, commands, caller),
    )


def driver_blocks(g: Ground) -> dict[str, Any]:
    """Blocks O, Q, R and S."""
    needs = g.built.get("charging_needs")
    if needs is not None:
        needs.judge = g.built["v2x"]  # Q01.FR.04: who may not discharge is told so
    return {
        "batteries": Batteries(g.store, g.clock, g.operations),
        "der": DerControls(g.store, g.clock, g.commands, g.operations, g.reports),
        "displays": Displays(g.store, g.clock, g.ids, g.commands, g.operations, g.reports),
    }
