"""The variables of the simulated stations (2.0.1 part 2 appendices, `dm_components_vars`)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from releve.ocpp.messages.v21 import MessagePriorityEnum
from releve.ocpp.version import Version
from releve.simulator import grid
from releve.simulator.driver_side import DriverSide
from releve.simulator.electrical import Unit
from releve.simulator.limits import SUPPORTED
from releve.simulator.meter import Measurand
from releve.simulator.network import ATTEMPTS
from releve.simulator.place import Place
from releve.simulator.settings_fields import boolean, integer, measurands, text, words
from releve.simulator.v2.device_model import (
    DeviceModel,
    Entry,
    availability,
    evse_entries,
    fact,
    setting,
)
from releve.simulator.v2.monitoring_variables import monitoring_entries
from releve.simulator.v2.swap_variables import swap_entries
from releve.simulator.v2.v2x_variables import v2x_entries

if TYPE_CHECKING:
    from releve.simulator.station import Station

POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
SUPPORTED_POINTS = ("EVConnected", "Authorized", "PowerPathClosed")
ITEMS_PER_MESSAGE = 20
LIST_LENGTH = 200
_KNOWN_MEASURANDS = ",".join(Measurand)


_models: "WeakKeyDictionary[Station, DeviceModel]" = WeakKeyDictionary()


def model_of(station: "Station") -> DeviceModel:
    """The device model of `station`, built once for its model and EVSEs."""
    found = _models.get(station)
    if found is None:
        found = _models[station] = DeviceModel(_entries(station))
    return found


def _entries(station: "Station") -> Iterator[Entry]:
    yield from _station_entries()
    for evse in station.evses.values():
        yield from evse_entries(evse)
    yield from _communication_entries()
    yield from _authorization_entries()
    yield from _transaction_entries()
    yield from _metering_entries()
    yield from _limits_entries()
    yield from _smart_charging_entries()
    yield from _driver_entries()
    yield from monitoring_entries(station)
    if station.plan.version is Version.V21:
        yield from _web_payment_entries()
        yield from _resumption_entries()
    yield from v2x_entries(station)
    yield from swap_entries(station)


def _driver_entries() -> Iterator[Entry]:
    """The display, and what it can say of tariffs and cost; local cost calculation these stations leave to the CSMS."""
    display, cost = "DisplayMessageCtrlr", "TariffCostCtrlr"
    yield fact(Place(display, "Available"), "boolean", lambda _s: "true")
    yield fact(Place(display, "Enabled"), "boolean", lambda _s: "true")
    yield fact(
        Place(display, "DisplayMessages"),
        "integer",
        lambda s: str(len(s.side.messages)),
        maximum=DriverSide().most_messages,
    )
    formats = ",".join(DriverSide().formats)
    yield fact(Place(display, "SupportedFormats"), "MemberList", lambda _s: formats)
    priorities = ",".join(MessagePriorityEnum)
    yield fact(Place(display, "SupportedPriorities"), "MemberList", lambda _s: priorities)
    yield fact(Place(cost, "Available", "Tariff"), "boolean", lambda _s: "true")
    yield fact(Place(cost, "Enabled", "Tariff"), "boolean", lambda _s: "true")
    yield fact(Place(cost, "Currency"), "string", lambda _s: "EUR")


def _web_payment_entries() -> Iterator[Entry]:
    """Codes that lead to a payment (C25)."""
    part = "WebPaymentsCtrlr"
    yield fact(Place(part, "Available"), "boolean", lambda _s: "true")
    yield setting(part, "Enabled", boolean("web_payments"))
    yield setting(part, "URLTemplate", text("web_payments_url"))
    yield setting(part, "TOTPVersion", text("web_payments_version"), values="v1")
    yield setting(part, "ValidityTime", integer("web_payments_validity_s", 1, 3600), unit="s")
    yield setting(part, "Length", integer("web_payments_length", 6, 32))
    yield setting(part, "SharedSecret", text("web_payments_secret"), secret=True)


def _resumption_entries() -> Iterator[Entry]:
    """Transactions that outlast a restart (B13), and the profiles that do (K01.FR.27)."""
    yield setting("TxCtrlr", "ResumptionTimeout", integer("resumption_timeout_s"), unit="s")
    allowed = boolean("allow_energy_resumption")
    yield setting("TxCtrlr", "AllowEnergyTransferResumption", allowed)
    for purpose in ("TxProfile", "ChargingStationExternalConstraints"):
        kept = Place("SmartChargingCtrlr", "ChargingProfilePersistence", purpose)
        yield fact(kept, "boolean", lambda _s: "true")


def _station_entries() -> Iterator[Entry]:
    def at(variable: str) -> Place:
        return Place("ChargingStation", variable)

    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield fact(at("AvailabilityState"), "OptionList", lambda s: availability(s.status))
    yield fact(at("Frequency"), "decimal", lambda s: f"{grid.frequency_hz(s):.3f}", unit="Hz")
    yield fact(at("Model"), "string", lambda s: s.plan.model.name)
    yield fact(at("VendorName"), "string", lambda s: s.plan.model.maker)
    yield fact(at("SerialNumber"), "string", lambda s: s.plan.serial)
    yield fact(at("SupplyPhases"), "integer", lambda s: str(s.evses[1].supply.phases))
    yield fact(Place("Controller", "FirmwareVersion"), "string", lambda s: s.firmware)
    yield fact(Place("SecurityCtrlr", "Identity"), "string", lambda s: s.identity)
    yield setting("SecurityCtrlr", "OrganizationName", text("organisation"))
    yield fact(
        Place("SecurityCtrlr", "SecurityProfile"),
        "integer",
        lambda s: str(s.security),
    )
    yield fact(Place("SecurityCtrlr", "CertificateEntries"), "integer", lambda _s: "0", maximum=10)
    yield setting("SecurityCtrlr", "BasicAuthPassword", text("authorization_key"), secret=True)
    yield fact(
        Place("ClockCtrlr", "DateTime"), "dateTime", lambda s: f"{s.now():%Y-%m-%dT%H:%M:%SZ}"
    )
    yield fact(Place("ClockCtrlr", "TimeSource"), "SequenceList", lambda _s: "Heartbeat")


def _communication_entries() -> Iterator[Entry]:
    part = "OCPPCommCtrlr"
    yield setting(part, "HeartbeatInterval", integer("heartbeat_interval_s", 1), unit="s")
    yield setting(part, "WebSocketPingInterval", integer("ping_interval_s"), unit="s")
    yield setting(part, "OfflineThreshold", integer("offline_threshold_s"), unit="s")
    yield setting(part, "ResetRetries", integer("reset_retries", 0, 10))
    yield setting(part, "RetryBackOffWaitMinimum", integer("back_off_minimum_s"), unit="s")
    yield setting(part, "RetryBackOffRandomRange", integer("back_off_random_s"), unit="s")
    yield setting(part, "RetryBackOffRepeatTimes", integer("back_off_repeats", 0, 20))
    yield setting(part, "UnlockOnEVSideDisconnect", boolean("unlock_on_ev_disconnect"))
    event = "TransactionEvent"
    yield setting(part, "MessageAttempts", integer("message_attempts", 1, 100), event)
    interval = integer("message_retry_interval_s")
    yield setting(part, "MessageAttemptInterval", interval, event, unit="s")
    timeout = Place(part, "MessageTimeout", "Default")
    yield fact(timeout, "integer", lambda s: f"{s.call_timeout_s:.0f}", unit="s")
    yield fact(Place(part, "FileTransferProtocols"), "MemberList", lambda _s: "HTTP,HTTPS")
    priority = text("network_priority")
    yield setting(part, "NetworkConfigurationPriority", priority, values="1,2,3")
    yield fact(Place(part, "NetworkProfileConnectionAttempts"), "integer", lambda _s: str(ATTEMPTS))
    yield fact(Place(part, "QueueAllMessages"), "boolean", lambda _s: "false")


def _authorization_entries() -> Iterator[Entry]:
    yield setting("AuthCtrlr", "Enabled", boolean("auth_enabled"))
    yield setting("AuthCtrlr", "MasterPassGroupId", text("master_group"))
    yield setting("AuthCtrlr", "AuthorizeRemoteStart", boolean("authorize_remote"))
    yield setting("AuthCtrlr", "LocalAuthorizeOffline", boolean("local_authorize_offline"))
    yield setting("AuthCtrlr", "LocalPreAuthorize", boolean("local_pre_authorize"))
    yield setting("AuthCtrlr", "OfflineTxForUnknownIdEnabled", boolean("offline_unknown_id"))
    yield setting("AuthCacheCtrlr", "Enabled", boolean("cache_enabled"))
    yield fact(Place("AuthCacheCtrlr", "Available"), "boolean", lambda _s: "true")
    part = "LocalAuthListCtrlr"
    yield setting(part, "Enabled", boolean("local_list_enabled"))
    yield fact(Place(part, "Available"), "boolean", lambda _s: "true")
    yield fact(
        Place(part, "Entries"), "integer", lambda s: str(len(s.book.local)), maximum=LIST_LENGTH
    )
    yield fact(Place(part, "ItemsPerMessage"), "integer", lambda _s: "50")
    yield fact(Place(part, "BytesPerMessage"), "integer", lambda _s: "65536")
    yield fact(Place("ReservationCtrlr", "Available"), "boolean", lambda _s: "true")
    yield fact(Place("ReservationCtrlr", "Enabled"), "boolean", lambda _s: "true")
    yield fact(Place("ReservationCtrlr", "NonEvseSpecific"), "boolean", lambda _s: "true")


def _transaction_entries() -> Iterator[Entry]:
    part, values = "TxCtrlr", ",".join(POINTS)
    start = words("start_points", *SUPPORTED_POINTS)
    stop = words("stop_points", *SUPPORTED_POINTS)
    yield setting(part, "EVConnectionTimeOut", integer("connection_timeout_s"), unit="s")
    yield setting(part, "StopTxOnEVSideDisconnect", boolean("stop_on_ev_disconnect"))
    yield setting(part, "StopTxOnInvalidId", boolean("stop_on_invalid_id"))
    yield setting(part, "MaxEnergyOnInvalidId", integer("max_energy_on_invalid_id_wh"), unit="Wh")
    yield fact(Place(part, "SupportedLimits"), "MemberList", lambda _s: SUPPORTED)
    yield setting(part, "TxStartPoint", start, values=values)
    yield setting(part, "TxStopPoint", stop, values=values)


def _metering_entries() -> Iterator[Entry]:
    part, known = "SampledDataCtrlr", _KNOWN_MEASURANDS
    yield fact(Place(part, "Available"), "boolean", lambda _s: "true")
    yield setting(part, "TxStartedMeasurands", measurands("started"), values=known)
    yield setting(part, "TxUpdatedMeasurands", measurands("sampled"), values=known)
    yield setting(part, "TxEndedMeasurands", measurands("ended"), values=known)
    yield setting(part, "TxUpdatedInterval", integer("sample_interval_s"), unit="s")
    yield setting(part, "TxEndedInterval", integer("ended_interval_s"), unit="s")
    part = "AlignedDataCtrlr"
    yield fact(Place(part, "Available"), "boolean", lambda _s: "true")
    yield setting(part, "Measurands", measurands("aligned"), values=known)
    yield setting(part, "Interval", integer("aligned_interval_s", 0, 86_400), unit="s")
    yield setting(part, "TxEndedMeasurands", measurands("ended_aligned"), values=known)
    # Readings for the end are taken with those that are sent: one interval for both.
    ended = Place(part, "TxEndedInterval")
    yield fact(ended, "integer", lambda s: str(s.behaviour.aligned_interval_s), unit="s")


def _limits_entries() -> Iterator[Entry]:
    for action in ("GetReport", "GetVariables", "SetVariables"):
        items = Place("DeviceDataCtrlr", "ItemsPerMessage", action)
        yield fact(items, "integer", lambda _s: str(ITEMS_PER_MESSAGE))
        size = Place("DeviceDataCtrlr", "BytesPerMessage", action)
        yield fact(size, "integer", lambda _s: "65536")


def _smart_charging_entries() -> Iterator[Entry]:
    def at(variable: str, instance: str | None = None) -> Place:
        return Place("SmartChargingCtrlr", variable, instance)

    def units(station: "Station") -> str:
        return ",".join(unit for unit in Unit if unit in station.profiles.rules.units)

    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield fact(at("Enabled"), "boolean", lambda _s: "true")
    yield fact(at("ACPhaseSwitchingSupported"), "boolean", lambda _s: "false")
    yield fact(at("Phases3to1"), "boolean", lambda _s: "false")
    level = at("ProfileStackLevel")
    yield fact(level, "integer", lambda s: str(s.profiles.rules.max_stack_level))
    yield fact(at("RateUnit"), "MemberList", units, values="A,W")
    periods = at("PeriodsPerSchedule")
    yield fact(periods, "integer", lambda s: str(s.profiles.rules.max_periods))
    yield fact(at("Entries", "ChargingProfiles"), "integer", lambda s: str(len(s.profiles)))
    yield fact(at("LimitChangeSignificance"), "decimal", lambda _s: "5.0", unit="Percent")
