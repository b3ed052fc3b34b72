"""Which ways of transferring energy a driver may use: charging only, or discharging, too (block Q)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from releve.domain.commands import Command
from releve.domain.holding import Document, Holding


class EnergyTransfer(StrEnum):
    """2.1 EnergyTransferModeEnumType."""

    AC_SINGLE_PHASE = "AC_single_phase"
    AC_TWO_PHASE = "AC_two_phase"
    AC_THREE_PHASE = "AC_three_phase"
    DC = "DC"
    AC_BPT = "AC_BPT"
    AC_BPT_DER = "AC_BPT_DER"
    AC_DER = "AC_DER"
    DC_BPT = "DC_BPT"
    DC_ACDP = "DC_ACDP"
    DC_ACDP_BPT = "DC_ACDP_BPT"
    WPT = "WPT"

    @property
    def discharges(self) -> bool:
        """Whether energy may go back (bidirectional power transfer)."""
        return "BPT" in self.value


CHARGING_ONLY = tuple(mode for mode in EnergyTransfer if not mode.discharges)
DEFAULT = "default"


class TransferPermit(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What a token may do. token: its value; "" for all that have no permit of their own.

    modes None: not decided yet, perhaps a third party is asked; then an authorisation says nothing (Q01.FR.08).
    """

    kind: ClassVar[str] = "transfer-permit"

    token: str = ""
    modes: tuple[EnergyTransfer, ...] | None = CHARGING_ONLY

    @property
    def key(self) -> str:
        return f"token/{self.token.casefold()}" if self.token else DEFAULT


class TransactionPermit(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """What a running transaction may do since it was changed (Q02.FR.05). status: the station's answer."""

    kind: ClassVar[str] = "transaction-transfer"

    reference: str
    modes: tuple[EnergyTransfer, ...]
    status: str = ""
    changed_at: datetime

    @property
    def key(self) -> str:
        return self.reference


class NotifyAllowedEnergyTransfer(Command, frozen=True, kw_only=True):
    """Change what a running transaction may do; the station renegotiates with the car (Q02)."""

    reference: str
    modes: tuple[EnergyTransfer, ...]


class SendAfrrSignal(Command, frozen=True, kw_only=True):
    """A value of the grid operator's signal, to be followed by EVSEs in mode LocalFrequency by their curve (Q08)."""

    at: datetime
    signal: int
