"""Blocks Q, R and S in an operator's words: ways of transferring energy, DER controls, steps of a swap."""

from __future__ import annotations

from releve.domain.battery import SwapEvent
from releve.domain.der import ControlType
from releve.domain.v2x import EnergyTransfer
from releve.web.i18n import N_

MODES: dict[str, str] = {
    EnergyTransfer.AC_SINGLE_PHASE: N_("AC, one phase"),
    EnergyTransfer.AC_TWO_PHASE: N_("AC, two phases"),
    EnergyTransfer.AC_THREE_PHASE: N_("AC, three phases"),
    EnergyTransfer.DC: N_("DC"),
    EnergyTransfer.AC_BPT: N_("AC, both directions"),
    EnergyTransfer.AC_BPT_DER: N_("AC, both directions, with grid controls"),
    EnergyTransfer.AC_DER: N_("AC with grid controls"),
    EnergyTransfer.DC_BPT: N_("DC, both directions"),
    EnergyTransfer.DC_ACDP: N_("DC by pantograph"),
    EnergyTransfer.DC_ACDP_BPT: N_("DC by pantograph, both directions"),
    EnergyTransfer.WPT: N_("Wireless"),
}

CONTROLS: dict[str, str] = {
    ControlType.ENTER_SERVICE: N_("Entering service after a trip"),
    ControlType.FREQ_DROOP: N_("Frequency droop"),
    ControlType.FREQ_WATT: N_("Power by frequency (curve)"),
    ControlType.FIXED_PF_ABSORB: N_("Fixed power factor while charging"),
    ControlType.FIXED_PF_INJECT: N_("Fixed power factor while discharging"),
    ControlType.FIXED_VAR: N_("Fixed reactive power"),
    ControlType.GRADIENTS: N_("Gradients of power"),
    ControlType.HF_MUST_TRIP: N_("High frequency: must trip (curve)"),
    ControlType.HF_MAY_TRIP: N_("High frequency: may trip (curve)"),
    ControlType.HV_MUST_TRIP: N_("High voltage: must trip (curve)"),
    ControlType.HV_MOM_CESS: N_("High voltage: momentary cessation (curve)"),
    ControlType.HV_MAY_TRIP: N_("High voltage: may trip (curve)"),
    ControlType.LIMIT_MAX_DISCHARGE: N_("Highest discharge power"),
    ControlType.LF_MUST_TRIP: N_("Low frequency: must trip (curve)"),
    ControlType.LV_MUST_TRIP: N_("Low voltage: must trip (curve)"),
    ControlType.LV_MOM_CESS: N_("Low voltage: momentary cessation (curve)"),
    ControlType.LV_MAY_TRIP: N_("Low voltage: may trip (curve)"),
    ControlType.POWER_MONITORING_MUST_TRIP: N_("Power monitoring: must trip (curve)"),
    ControlType.VOLT_VAR: N_("Reactive power by voltage (curve)"),
    ControlType.VOLT_WATT: N_("Power by voltage (curve)"),
    ControlType.WATT_PF: N_("Power factor by power (curve)"),
    ControlType.WATT_VAR: N_("Reactive power by power (curve)"),
}

SWAP_STEPS: dict[str, str] = {
    SwapEvent.IN: N_("put in"),
    SwapEvent.OUT: N_("taken out"),
    SwapEvent.OUT_TIMEOUT: N_("offered and not taken"),
}

UNITS: dict[str, str] = {
    "Not_Applicable": N_("none"),
    "PctMaxW": N_("% of the highest active power"),
    "PctMaxVar": N_("% of the highest reactive power"),
    "PctWAvail": N_("% of the available active power"),
    "PctVarAvail": N_("% of the available reactive power"),
    "PctEffectiveV": N_("% of the effective voltage"),
}
