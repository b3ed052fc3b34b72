"""Q: what transactions may do, and the grid operator's signal."""

from __future__ import annotations

from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.v2x import NotifyAllowedEnergyTransfer, SendAfrrSignal
from releve.ocpp.messages.v21 import (
    AFRRSignalRequest,
    AFRRSignalResponse,
    EnergyTransferModeEnum,
    NotifyAllowedEnergyTransferRequest,
    NotifyAllowedEnergyTransferResponse,
)
from releve.services.live import LiveStation


@v21.asks
def notify_allowed(
    command: NotifyAllowedEnergyTransfer, station: LiveStation
) -> NotifyAllowedEnergyTransferRequest:
    return NotifyAllowedEnergyTransferRequest(
        transaction_id=command.reference,
        allowed_energy_transfer=[EnergyTransferModeEnum(mode.value) for mode in command.modes],
    )


@v21.hears
def allowed_notified(
    command: NotifyAllowedEnergyTransfer, response: NotifyAllowedEnergyTransferResponse
) -> Outcome:
    return heard(response)


@v21.asks
def afrr_signal(command: SendAfrrSignal, station: LiveStation) -> AFRRSignalRequest:
    return AFRRSignalRequest(timestamp=command.at, signal=command.signal)


@v21.hears
def afrr_signal_taken(command: SendAfrrSignal, response: AFRRSignalResponse) -> Outcome:
    return heard(response)
