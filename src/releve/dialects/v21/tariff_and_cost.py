"""I: default tariffs, the tariff of a transaction, running cost, and the station's own reckoning."""

from __future__ import annotations

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.v2.outcome import explanation, heard
from releve.dialects.v2.tariff import told_cost, wire_tariff
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome, Result
from releve.domain.installed_tariff import ToldTariff
from releve.domain.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    CostUpdated,
    GetTariffs,
    SetDefaultTariff,
)
from releve.ocpp.messages.v21 import (
    ChangeTransactionTariffRequest,
    ChangeTransactionTariffResponse,
    ClearTariffsRequest,
    ClearTariffsResponse,
    CostUpdatedRequest,
    CostUpdatedResponse,
    GetTariffsRequest,
    GetTariffsResponse,
    SetDefaultTariffRequest,
    SetDefaultTariffResponse,
    Tariff,
    TransactionEventRequest,
    TriggerReasonEnum,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


async def take_costs(
    request: TransactionEventRequest, inbound: Inbound, services: Services
) -> None:
    """Which tariff the station applies, and what it reckons (I12). Most events say neither."""
    transaction = request.transaction_info
    if transaction.tariff_id is not None:
        changed = request.trigger_reason is TriggerReasonEnum.TARIFF_CHANGED
        await services.costs.applied(
            inbound,
            transaction.transaction_id,
            transaction.tariff_id,
            changed_at=request.timestamp if changed else None,
        )
    if request.cost_details is not None:
        details = told_cost(msgspec.to_builtins(request.cost_details))
        await services.costs.told(inbound, transaction.transaction_id, details)


@v21.asks
def cost_updated(command: CostUpdated, station: LiveStation) -> CostUpdatedRequest:
    return CostUpdatedRequest(total_cost=float(command.total), transaction_id=command.reference)


@v21.hears
def cost_shown(command: CostUpdated, response: CostUpdatedResponse) -> Outcome:
    return Outcome(result=Result.ANSWERED, accepted=True)


@v21.asks
def set_default_tariff(command: SetDefaultTariff, station: LiveStation) -> SetDefaultTariffRequest:
    tariff = msgspec.convert(wire_tariff(command.tariff), Tariff)
    return SetDefaultTariffRequest(evse_id=command.evse, tariff=tariff)


@v21.hears
def default_tariff_set(command: SetDefaultTariff, response: SetDefaultTariffResponse) -> Outcome:
    return heard(response)


@v21.asks
def get_tariffs(command: GetTariffs, station: LiveStation) -> GetTariffsRequest:
    return GetTariffsRequest(evse_id=command.evse)


@v21.hears
def tariffs_got(command: GetTariffs, response: GetTariffsResponse) -> Outcome:
    """NoTariff is an answer, too: the station has none."""
    return msgspec.structs.replace(
        outcome(response.status, explanation(response.status_info)),
        accepted=response.status in ("Accepted", "NoTariff"),
        told=tuple(
            ToldTariff(
                tariff_id=told.tariff_id,
                of=str(told.tariff_kind),
                evses=tuple(told.evse_ids),
                id_tokens=tuple(told.id_tokens),
                valid_from=told.valid_from,
            )
            for told in response.tariff_assignments
        ),
    )


@v21.asks
def clear_tariffs(command: ClearTariffs, station: LiveStation) -> ClearTariffsRequest:
    return ClearTariffsRequest(tariff_ids=list(command.tariff_ids), evse_id=command.evse)


@v21.hears
def tariffs_cleared(command: ClearTariffs, response: ClearTariffsResponse) -> Outcome:
    """One word for each tariff; the first that is not Accepted speaks for all."""
    results = response.clear_tariffs_result
    refused = [r for r in results if r.status != "Accepted"]
    spokesman = (refused or results)[0]
    told = outcome(spokesman.status, explanation(spokesman.status_info))
    gone = tuple(r.tariff_id for r in results if r.status in ("Accepted", "NoTariff"))
    return msgspec.structs.replace(told, told=gone)


@v21.asks
def change_transaction_tariff(
    command: ChangeTransactionTariff, station: LiveStation
) -> ChangeTransactionTariffRequest:
    # A driver's tariff, so it has no validFrom (I08.FR.09).
    tariff = msgspec.convert(wire_tariff(command.tariff, valid_from=False), Tariff)
    return ChangeTransactionTariffRequest(tariff=tariff, transaction_id=command.reference)


@v21.hears
def transaction_tariff_changed(
    command: ChangeTransactionTariff, response: ChangeTransactionTariffResponse
) -> Outcome:
    return heard(response)
