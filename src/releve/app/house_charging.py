"""Blocks C, E, G, H, J and P, built and tied together: what happens at the EVSEs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releve.app.block_services import priced
from releve.app.house_payments import settlements_of
from releve.services.authorization import Authorization, AuthorizationPolicy
from releve.services.availability import Availability
from releve.services.data_transfer import DataTransfers
from releve.services.gaps import Gaps
from releve.services.limit_watch import LimitWatch
from releve.services.metering import Metering
from releve.services.reservations import Reservations
from releve.services.transaction_limits import TransactionLimits
from releve.services.transaction_steps import Steps
from releve.services.transactions import Transactions

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def charging_block(g: Ground) -> dict[str, Any]:
    """The services by their names in `Services`."""
    policy = AuthorizationPolicy(
        accept_unknown=g.settings.unknown_tokens == "accept",
        direct_payments=g.settings.direct_payments == "accept",
    )
    authorization = Authorization(g.store, policy, g.flags)
    availability = Availability(g.store)
    money = priced(g.store, g.clock, g.flags, g.presence, g.caller, g.commands)
    costs = money["costs"]
    settlements = settlements_of(g)
    metering = Metering(g.store, g.flags, costs)
    limits = TransactionLimits(g.store, g.clock, g.presence)
    reservations = Reservations(g.store, g.clock, g.ids, g.presence, g.commands, g.reports)
    steps = Steps(
        g.store,
        g.ids,
        authorization,
        availability,
        metering,
        g.flags,
        limits,
        reservations.used,
        costs,
        settlements,
    )
    return {
        "authorization": authorization,
        "transactions": Transactions(steps),
        "transaction_limits": limits,
        "limit_watch": LimitWatch(
            g.store, g.clock, g.presence, g.commands, limits, costs.total_so_far
        ),
        "gaps": Gaps(g.store, g.clock, g.ids, g.presence, g.commands, steps),
        "reservations": reservations,
        "availability": availability,
        **money,
        "settlements": settlements,
        "metering": metering,
        "data_transfer": DataTransfers(g.reports),
    }
