"""What a limit means on each phase, exactly: amperes as fractions, nothing rounded."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from releve.domain.charging_profile import RateUnit
from releve.energy.leading import Lead
from releve.energy.supply import GRID_PHASES, Supply, meant_phases

Amperes = tuple[Fraction | None, Fraction | None, Fraction | None]
"""Current on L1, L2, L3; None is no limit."""
UNLIMITED: Amperes = (None, None, None)
ZERO = Fraction(0)
PHASES = (1, 2, 3)


def lead_amperes(lead: Lead, supply: Supply) -> Amperes:
    """The current that a leading limit allows on each phase."""
    period, first = lead.period, lead.period.limit
    if first is None:
        return UNLIMITED
    if period.limit_l2 is None and period.limit_l3 is None:
        each = supply.amperes(first, lead.unit, period.number_phases)
        return (each, each, each)

    def one(value: Decimal | None) -> Fraction:
        exact = Fraction(first if value is None else value)
        return exact if lead.unit is RateUnit.AMPERE else exact / supply.voltage_v

    return (one(first), one(period.limit_l2), one(period.limit_l3))


def generated(
    lead: Lead, supply: Supply, across: int, chosen: int | None = None, *, named: bool = True
) -> tuple[Fraction, Fraction, Fraction]:
    """The current that local generation adds on each phase (K27), where `across` phases are in use.

    As much as is generated, no more: what comes on fewer phases than are in use adds to the phase that it names
    (phaseToUse), and where it names none its sum is spread over those in use. chosen: the one phase in use, where it
    is known. named False: spread in any case. Below zero is none.
    """
    first, second, third = (max(ZERO, a or ZERO) for a in lead_amperes(lead, supply))
    period = lead.period
    if period.limit_l2 is not None or period.limit_l3 is not None:
        return (first, second, third)
    evenly = supply.direct and lead.unit is RateUnit.WATT  # the rectifier draws from all three
    given = GRID_PHASES if evenly else meant_phases(period.number_phases)
    phase = period.phase_to_use if given == 1 and named and not supply.direct else None
    if phase not in PHASES or (across == 1 and chosen is None):
        each = first * min(given, across) / across
        return (each, each, each)
    return (
        first if phase == PHASES[0] else ZERO,
        first if phase == PHASES[1] else ZERO,
        first if phase == PHASES[2] else ZERO,
    )
