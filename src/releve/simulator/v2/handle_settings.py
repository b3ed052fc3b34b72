"""Reading and writing the device model, the token caches, vendor data (blocks B, C, D, P)."""

from urllib.parse import urlsplit

from releve.ocpp.messages import v21
from releve.simulator import trust
from releve.simulator.dialect import Answer
from releve.simulator.network import SLOTS, NetworkProfile
from releve.simulator.station import Station
from releve.simulator.v2 import wire
from releve.simulator.v2.device_model import Entry
from releve.simulator.v2.registry import answers
from releve.simulator.v2.variables import ITEMS_PER_MESSAGE, model_of

PASSWORD = ("securityctrlr", "basicauthpassword", "", None, None)
PRIORITY = ("ocppcommctrlr", "networkconfigurationpriority", "", None, None)
CONFIGURATION_ONLY = v21.ReportBaseEnum.CONFIGURATION_INVENTORY
SUMMARY = frozenset(("AvailabilityState", "FirmwareVersion", "Problem"))
ReportStatus = v21.GenericDeviceModelStatusEnum


@answers
def get_variables(request: v21.GetVariablesRequest, station: Station) -> v21.GetVariablesResponse:
    """B06."""
    results = [_get(station, each) for each in request.get_variable_data]
    return v21.GetVariablesResponse(get_variable_result=results)


@answers
def set_variables(request: v21.SetVariablesRequest, station: Station) -> v21.SetVariablesResponse:
    """B05."""
    results = [_set(station, each) for each in request.set_variable_data]
    return v21.SetVariablesResponse(set_variable_result=results)


@answers
def get_base_report(request: v21.GetBaseReportRequest, station: Station) -> Answer:
    """B07: the report follows in NotifyReport."""
    entries = list(model_of(station))
    if request.report_base is CONFIGURATION_ONLY:
        entries = [entry for entry in entries if entry.writable]
    elif request.report_base is v21.ReportBaseEnum.SUMMARY_INVENTORY:
        entries = [entry for entry in entries if entry.place.variable in SUMMARY]
    response = v21.GetBaseReportResponse(status=ReportStatus.ACCEPTED)
    return Answer(response, lambda: _report(station, request.request_id, entries))


@answers
def get_report(request: v21.GetReportRequest, station: Station) -> Answer:
    """B08: components and variables as asked; an absent variable means all of the component."""
    entries = [entry for entry in model_of(station) if _asked_for(request, entry)]
    if request.component_criteria and not any(
        each in (v21.ComponentCriterionEnum.AVAILABLE, v21.ComponentCriterionEnum.ENABLED)
        for each in request.component_criteria
    ):
        entries = []  # nothing here is Active or has a Problem
    if not entries:
        return Answer(v21.GetReportResponse(status=ReportStatus.EMPTY_RESULT_SET))  # B08.FR.15
    response = v21.GetReportResponse(status=ReportStatus.ACCEPTED)
    return Answer(response, lambda: _report(station, request.request_id, entries))


@answers
def clear_cache(request: v21.ClearCacheRequest, station: Station) -> v21.ClearCacheResponse:
    """C11."""
    if not station.behaviour.cache_enabled:
        rejected = v21.ClearCacheStatusEnum.REJECTED
        return v21.ClearCacheResponse(status=rejected, status_info=wire.info("NotEnabled"))
    station.book.cache.clear()
    return v21.ClearCacheResponse(status=v21.ClearCacheStatusEnum.ACCEPTED)


@answers
def get_local_list_version(
    request: v21.GetLocalListVersionRequest, station: Station
) -> v21.GetLocalListVersionResponse:
    """D02: 0 when there is no list or lists are switched off (D02.FR.03)."""
    version = station.book.list_version if station.behaviour.local_list_enabled else 0
    return v21.GetLocalListVersionResponse(version_number=version)


@answers
def send_local_list(
    request: v21.SendLocalListRequest, station: Station
) -> v21.SendLocalListResponse:
    """D01."""
    return v21.SendLocalListResponse(status=_take_list(request, station))


@answers
def web_payment_started(
    request: v21.NotifyWebPaymentStartedRequest, station: Station
) -> v21.NotifyWebPaymentStartedResponse:
    """C25.FR.22, C25.FR.27: the display says that somebody is paying for this EVSE."""
    text = f"somebody pays for EVSE {request.evse_id}; it is kept for {request.timeout} s"
    station.note("web-payment", text, request.evse_id, timeout=request.timeout)
    return v21.NotifyWebPaymentStartedResponse()


@answers
def data_transfer(request: v21.DataTransferRequest, station: Station) -> v21.DataTransferResponse:
    """The station knows its own maker's messages only: `Echo` gives the data back (P01)."""
    statuses = v21.DataTransferStatusEnum
    if request.vendor_id.casefold() != station.plan.model.maker.casefold():
        return v21.DataTransferResponse(status=statuses.UNKNOWN_VENDOR_ID)
    if request.message_id != "Echo":
        return v21.DataTransferResponse(status=statuses.UNKNOWN_MESSAGE_ID)
    return v21.DataTransferResponse(status=statuses.ACCEPTED, data=request.data)


def _get(station: Station, asked: v21.GetVariableData) -> v21.GetVariableResult:
    statuses = v21.GetVariableStatusEnum
    place, model = wire.place(asked.component, asked.variable), model_of(station)
    entry, value = model.find(place), None
    if entry is None:
        known = model.has_component(place)
        status = statuses.UNKNOWN_VARIABLE if known else statuses.UNKNOWN_COMPONENT
    elif asked.attribute_type is not v21.AttributeEnum.ACTUAL:
        status = statuses.NOT_SUPPORTED_ATTRIBUTE_TYPE
    elif entry.secret:
        status = statuses.REJECTED  # B06.FR.09: write-only
    else:
        status, value = statuses.ACCEPTED, entry.value(station)
    return v21.GetVariableResult(
        attribute_status=status,
        attribute_type=asked.attribute_type,
        attribute_value=value,
        component=asked.component,
        variable=asked.variable,
    )


def _set(station: Station, asked: v21.SetVariableData) -> v21.SetVariableResult:
    statuses = v21.SetVariableStatusEnum
    place, model = wire.place(asked.component, asked.variable), model_of(station)
    entry, reason = model.find(place), None
    if entry is None:
        known = model.has_component(place)
        status = statuses.UNKNOWN_VARIABLE if known else statuses.UNKNOWN_COMPONENT
    elif asked.attribute_type is not v21.AttributeEnum.ACTUAL:
        status = statuses.NOT_SUPPORTED_ATTRIBUTE_TYPE
    elif entry.field is None:
        status, reason = statuses.REJECTED, "ReadOnly"
    elif refusal := _refusal(station, entry, asked.attribute_value):
        status, reason = statuses.REJECTED, refusal
    elif not entry.field.write(station.behaviour, asked.attribute_value):
        status, reason = statuses.REJECTED, "InvalidValue"
    else:
        status = statuses.ACCEPTED
        shown = "..." if entry.secret else asked.attribute_value
        station.note("configured", f"{place.component}.{place.variable} = {shown}")
    return v21.SetVariableResult(
        attribute_status=status,
        attribute_status_info=None if reason is None else wire.info(reason),
        attribute_type=asked.attribute_type,
        component=asked.component,
        variable=asked.variable,
    )


def _refusal(station: Station, entry: Entry, value: str) -> str:
    """Why a value is not taken, as a reason code; "": it is.

    A BasicAuthPassword has 16 to 40 characters (2.0.1, 2.2; A01.FR.02). Slots need their profiles (B10.FR.02), and
    profiles what their security lives on (A05.FR.02, A05.FR.03).
    """
    if entry.place.key == PRIORITY:
        known = station.behaviour.network_profiles
        slots = [known.get(int(one)) if one.isdecimal() else None for one in value.split(",")]
        if None in slots:
            return "InvalidValue"
        wanted = [one.security for one in slots if one is not None and one.security is not None]
        higher = [security for security in wanted if security > station.security]
        return next((r for s in higher if (r := trust.lacking(station, s))), "")
    short = entry.place.key == PASSWORD and not 16 <= len(value) <= 40
    return "InvalidValue" if short else ""


@answers
def set_network_profile(
    request: v21.SetNetworkProfileRequest, station: Station
) -> v21.SetNetworkProfileResponse:
    """B09: into one of three slots, never with a lower security profile than the present one (B09.FR.04, FR.05)."""
    statuses, data = v21.SetNetworkProfileStatusEnum, request.connection_data
    reason, scheme = "", urlsplit(data.ocpp_csms_url).scheme
    if request.configuration_slot not in SLOTS:
        reason = "InvalidConfSlot"
    elif data.security_profile < station.security:
        reason = "NoSecurityDowngrade"
    elif scheme not in ("ws", "wss") or (scheme == "ws" and data.security_profile >= 2):
        reason = "InvalidURL"
    if reason:
        refused = wire.info(reason)
        return v21.SetNetworkProfileResponse(status=statuses.REJECTED, status_info=refused)
    station.behaviour.network_profiles[request.configuration_slot] = NetworkProfile(
        data.ocpp_csms_url,
        data.security_profile,
        data.identity or "",
        data.basic_auth_password or "",
    )
    station.note("configured", f"network profile {request.configuration_slot}")
    return v21.SetNetworkProfileResponse(status=statuses.ACCEPTED)


def _asked_for(request: v21.GetReportRequest, entry: Entry) -> bool:
    if not request.component_variable:
        return True
    component, variable, _, evse, connector = entry.place.key
    for each in request.component_variable:
        at = each.component.evse
        if each.component.name.casefold() != component:
            continue
        if at is not None and (at.id != evse or at.connector_id not in (None, connector)):
            continue
        if each.variable is None or each.variable.name.casefold() == variable:
            return True
    return False


async def _report(station: Station, request_id: int, entries: list[Entry]) -> None:
    """NotifyReport in parts, each but the last announcing more (B07.FR.08)."""
    generated_at = station.now()
    parts = [
        entries[start : start + ITEMS_PER_MESSAGE]
        for start in range(0, max(1, len(entries)), ITEMS_PER_MESSAGE)
    ]
    for number, part in enumerate(parts):
        await station.ask(
            v21.NotifyReportRequest(
                request_id=request_id,
                generated_at=generated_at,
                report_data=[_reported(station, entry) for entry in part],
                tbc=number < len(parts) - 1,
                seq_no=number,
            )
        )


def _reported(station: Station, entry: Entry) -> v21.ReportData:
    place = entry.place
    component, variable = wire.named(place)
    mutability = v21.MutabilityEnum.READ_WRITE if entry.writable else v21.MutabilityEnum.READ_ONLY
    if entry.secret:
        mutability = v21.MutabilityEnum.WRITE_ONLY
    return v21.ReportData(
        component=component,
        variable=variable,
        variable_attribute=[
            v21.VariableAttribute(
                value=None if entry.secret else entry.value(station),
                mutability=mutability,
                persistent=True,
            )
        ],
        variable_characteristics=v21.VariableCharacteristics(
            unit=entry.unit,
            data_type=v21.DataEnum(entry.type),
            max_limit=entry.maximum,
            values_list=entry.values,
            supports_monitoring=entry.monitored,
        ),
    )


def _take_list(request: v21.SendLocalListRequest, station: Station) -> v21.SendLocalListStatusEnum:
    statuses, book = v21.SendLocalListStatusEnum, station.book
    entries = request.local_authorization_list
    if not station.behaviour.local_list_enabled or request.version_number <= 0:
        return statuses.FAILED  # D01.FR.11, D01.FR.18
    if request.update_type is v21.UpdateEnum.FULL:
        if any(entry.id_token_info is None for entry in entries):
            return statuses.FAILED
        full = [
            (wire.token(e.id_token), wire.token_info(e.id_token_info))
            for e in entries
            if e.id_token_info
        ]
        book.replace_list(request.version_number, full)
        return statuses.ACCEPTED
    if request.version_number <= book.list_version:
        return statuses.VERSION_MISMATCH
    changes = [
        (wire.token(e.id_token), wire.token_info(e.id_token_info) if e.id_token_info else None)
        for e in entries
    ]
    book.update_list(request.version_number, changes)
    return statuses.ACCEPTED
