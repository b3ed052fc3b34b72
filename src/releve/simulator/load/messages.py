"""The messages that load consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from releve.ocpp import codec
from releve.ocpp.messages import v16, v21
from releve.ocpp.messages.base import Message
from releve.ocpp.version import Version


@dataclass(frozen=True, slots=True)
class Wording:
    """What one version's stations say: a boot, then `repeated`, made anew each time."""

    boot: Callable[[str], tuple[str, bytes]]
    repeated: Callable[[datetime, float], tuple[str, bytes]]


def wording(version: Version, kind: str) -> Wording:
    """The messages of `version`; `kind` is "meter-values" or "heartbeat"."""
    if version is Version.V16:
        boot, repeated = _boot_16, _meter_values_16
    else:
        boot, repeated = _boot_2, _meter_values_2
    return Wording(boot, _heartbeat if kind == "heartbeat" else repeated)


def _pack(message: Message) -> tuple[str, bytes]:
    return codec.action_of(message), codec.encode(message)


def _heartbeat(_now: datetime, _register_wh: float) -> tuple[str, bytes]:
    return "Heartbeat", b"{}"


def _boot_16(serial: str) -> tuple[str, bytes]:
    return _pack(
        v16.BootNotificationRequest(
            charge_point_vendor="Voltanova",
            charge_point_model="VN-Load",
            charge_point_serial_number=serial[:25],
        )
    )


def _boot_2(serial: str) -> tuple[str, bytes]:
    station = v21.ChargingStation(
        vendor_name="Voltanova", model="VN-Load", serial_number=serial[:25]
    )
    reason = v21.BootReasonEnum.POWER_UP
    return _pack(v21.BootNotificationRequest(reason=reason, charging_station=station))


def _meter_values_16(now: datetime, register_wh: float) -> tuple[str, bytes]:
    sampled = [
        v16.SampledValue(value=f"{register_wh:.1f}", unit=v16.UnitOfMeasure.WH),
        v16.SampledValue(
            value="11040.0",
            measurand=v16.Measurand.POWER_ACTIVE_IMPORT,
            unit=v16.UnitOfMeasure.W,
        ),
    ]
    value = v16.MeterValue(timestamp=now, sampled_value=sampled)
    return _pack(v16.MeterValuesRequest(connector_id=1, meter_value=[value]))


def _meter_values_2(now: datetime, register_wh: float) -> tuple[str, bytes]:
    sampled = [
        v21.SampledValue(value=register_wh, unit_of_measure=v21.UnitOfMeasure(unit="Wh")),
        v21.SampledValue(
            value=11040.0,
            measurand=v21.MeasurandEnum.POWER_ACTIVE_IMPORT,
            unit_of_measure=v21.UnitOfMeasure(unit="W"),
        ),
    ]
    value = v21.MeterValue(timestamp=now, sampled_value=sampled)
    return _pack(v21.MeterValuesRequest(evse_id=1, meter_value=[value]))
