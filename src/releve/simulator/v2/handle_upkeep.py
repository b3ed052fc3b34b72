"""Restarts, triggers, firmware, logs, customer data (blocks B, F, L, N)."""

from releve.ocpp.messages import v21
from releve.simulator import (
    certificates,
    customers,
    firmware,
    own_certificate,
    resumption,
    sampling,
    triggers,
    upkeep,
)
from releve.simulator.dialect import Answer, BootReason, Then
from releve.simulator.evse import Evse
from releve.simulator.firmware import Order
from releve.simulator.meter import Context
from releve.simulator.station import Station
from releve.simulator.tokens import Token
from releve.simulator.transaction import Reason, Trigger
from releve.simulator.v2 import publishing, transaction_events, wire
from releve.simulator.v2.registry import answers

Wanted = v21.MessageTriggerEnum
LONGEST_PART = 512
SELF_TEST = "org.example.SelfTest"
"""The one custom trigger that these stations know (F06, 2.1): they tell by DataTransfer that they are well."""
NOT_IMPLEMENTED = frozenset(
    (
        Wanted.SIGN_V2G20_CERTIFICATE,
        Wanted.SIGN_COMBINED_CERTIFICATE,
    )
)


@answers
def reset(request: v21.ResetRequest, station: Station) -> Answer:
    """B11, B12, B13: of the station or of one EVSE, now or when it is idle."""
    statuses = v21.ResetStatusEnum
    evse = None if request.evse_id is None else station.evses.get(request.evse_id)
    if request.evse_id is not None and evse is None:
        unknown = wire.info("UnknownEvse")
        return Answer(v21.ResetResponse(status=statuses.REJECTED, status_info=unknown))
    busy = station.busy if evse is None else evse.transaction is not None
    resumes = request.type is v21.ResetEnum.IMMEDIATE_AND_RESUME
    if resumes and not resumption.possible(station):
        unsupported = wire.info("UnsupportedRequest")  # B13.FR.01
        return Answer(v21.ResetResponse(status=statuses.REJECTED, status_info=unsupported))
    accepted = v21.ResetResponse(status=statuses.ACCEPTED)
    if resumes and busy:
        return Answer(accepted, _resuming(station, evse))
    if busy and request.type is v21.ResetEnum.ON_IDLE:
        station.reset_when_idle = _ending(station, evse, Reason.OTHER, BootReason.SCHEDULED_RESET)
        return Answer(v21.ResetResponse(status=statuses.SCHEDULED))  # B12.FR.01
    ending = _ending(station, evse, Reason.IMMEDIATE_RESET, BootReason.REMOTE_RESET)
    return Answer(accepted, ending)


def _resuming(station: Station, evse: Evse | None) -> Then:
    if evse is None:
        return lambda: resumption.reset(station)
    return lambda: resumption.reset_evse(station, evse)


def _ending(station: Station, evse: Evse | None, reason: Reason, boot: BootReason) -> Then:
    if evse is None:
        return lambda: upkeep.reset(station, reason, boot)
    return lambda: upkeep.reset_evse(station, evse, reason)


@answers
def trigger_message(request: v21.TriggerMessageRequest, station: Station) -> Answer:
    """F06."""
    statuses, wanted = v21.TriggerMessageStatusEnum, request.requested_message
    if wanted in NOT_IMPLEMENTED:
        return Answer(v21.TriggerMessageResponse(status=statuses.NOT_IMPLEMENTED))  # F06.FR.08
    number = None if request.evse is None else request.evse.id
    if wanted is Wanted.PUBLISH_FIRMWARE_STATUS_NOTIFICATION:
        again = publishing.status_again(station)
        status = statuses.NOT_IMPLEMENTED if again is None else statuses.ACCEPTED
        return Answer(v21.TriggerMessageResponse(status=status), again)
    if wanted is Wanted.SIGN_V2G_CERTIFICATE:
        then: Then | None = lambda: certificates.ask_for_v2g(station)  # noqa: E731
    elif wanted is Wanted.SIGN_CHARGING_STATION_CERTIFICATE:
        then = lambda: own_certificate.ask(station)  # noqa: E731
    elif wanted is Wanted.CUSTOM_TRIGGER:
        then = _self_test(station) if request.custom_trigger == SELF_TEST else None
    elif wanted is Wanted.TRANSACTION_EVENT:
        then = _transaction_events(station, number)
    elif wanted is Wanted.STATUS_NOTIFICATION and (
        request.evse is None or request.evse.connector_id is None
    ):
        then = None  # F06.FR.12, F06.FR.13: it has to say which connector
    else:
        then = triggers.prepare(station, wanted.value, number)
    status = statuses.REJECTED if then is None else statuses.ACCEPTED
    return Answer(v21.TriggerMessageResponse(status=status), then)


@answers
def update_firmware(request: v21.UpdateFirmwareRequest, station: Station) -> Answer:
    """L01, L02."""
    image = request.firmware
    order = Order(
        image.location,
        request.request_id,
        image.retrieve_date_time,
        image.install_date_time,
        request.retries or 0,
        request.retry_interval or 10,
        image.signing_certificate or "",
        image.signature or "",
    )
    status = firmware.judge(station, order)
    response = v21.UpdateFirmwareResponse(status=v21.UpdateFirmwareStatusEnum(status))
    return Answer(response, lambda: firmware.follow(station, order, status))


@answers
def get_log(request: v21.GetLogRequest, station: Station) -> Answer:
    """N01."""
    name = upkeep.log_name(station)
    return Answer(
        v21.GetLogResponse(status=v21.LogStatusEnum.ACCEPTED, filename=name),
        lambda: upkeep.upload_log(
            station,
            request.log.remote_location,
            name,
            request.request_id,
            request.retries or 0,
            request.retry_interval or 10,
        ),
    )


@answers
def customer_information(request: v21.CustomerInformationRequest, station: Station) -> Answer:
    """N09, N10: what the station knows of a token, and forgetting it. Certificates of customers it does not keep."""
    statuses = v21.CustomerInformationStatusEnum
    named = (request.id_token, request.customer_identifier, request.customer_certificate)
    if sum(each is not None for each in named) != 1:
        return Answer(v21.CustomerInformationResponse(status=statuses.INVALID))  # N09.FR.09
    if not request.report and not request.clear:
        return Answer(v21.CustomerInformationResponse(status=statuses.REJECTED))  # N09.FR.07
    token = Token(request.customer_identifier or "")
    if request.id_token is not None:
        token = wire.token(request.id_token)
    lines = customers.known(station, token)
    if request.clear:
        customers.forget(station, token)
    text = customers.report(lines, wanted=request.report, cleared=request.clear)
    accepted = v21.CustomerInformationResponse(status=statuses.ACCEPTED)
    return Answer(accepted, lambda: _customer_report(station, request.request_id, text))


async def _customer_report(station: Station, request_id: int, text: str) -> None:
    """In parts, each but the last announcing more."""
    for number, start in enumerate(range(0, len(text), LONGEST_PART)):
        await station.ask(
            v21.NotifyCustomerInformationRequest(
                data=text[start : start + LONGEST_PART],
                tbc=start + LONGEST_PART < len(text),
                seq_no=number,
                generated_at=station.now(),
                request_id=request_id,
            )
        )


def _self_test(station: Station) -> Then:
    async def report() -> None:
        await station.ask(
            v21.DataTransferRequest(
                vendor_id="org.example", message_id="SelfTest", data={"passed": True}
            )
        )

    return report


def _transaction_events(station: Station, number: int | None) -> Then | None:
    """F06.FR.07: the running transactions as they are now, with a fresh reading."""
    running = [
        evse
        for evse in station.evses.values()
        if evse.transaction is not None and number in (None, evse.id)
    ]
    if not running:
        return None

    async def report() -> None:
        station.catch_up()
        for evse in running:
            if evse.transaction is not None:
                found = sampling.take(station, evse, Context.TRIGGER, station.behaviour.sampled)
                transaction_events.updated(station, evse.transaction, Trigger.TRIGGER, found)

    return report
