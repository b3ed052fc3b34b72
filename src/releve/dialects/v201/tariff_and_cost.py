"""I: running cost. (2.0.1 has no tariffs for machines: their text goes with the authorisation.)"""

from __future__ import annotations

from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome, Result
from releve.domain.tariff_commands import CostUpdated
from releve.ocpp.messages.v201 import CostUpdatedRequest, CostUpdatedResponse
from releve.services.live import LiveStation


@v201.asks
def cost_updated(command: CostUpdated, station: LiveStation) -> CostUpdatedRequest:
    return CostUpdatedRequest(total_cost=float(command.total), transaction_id=command.reference)


@v201.hears
def cost_shown(command: CostUpdated, response: CostUpdatedResponse) -> Outcome:
    return Outcome(result=Result.ANSWERED, accepted=True)
