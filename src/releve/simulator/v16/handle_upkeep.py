"""Restarts, triggers, firmware, diagnostics, security (1.6 and its security extension)."""

from releve.ocpp.messages import v16
from releve.simulator import firmware, own_certificate, triggers, upkeep
from releve.simulator.dialect import Answer, BootReason
from releve.simulator.firmware import Order
from releve.simulator.station import Station
from releve.simulator.transaction import Reason
from releve.simulator.v16.registry import answers


@answers
def reset(request: v16.ResetRequest, station: Station) -> Answer:
    hard = request.type is v16.ResetType.HARD
    reason = Reason.HARD_RESET if hard else Reason.SOFT_RESET
    response = v16.ResetResponse(status=v16.ResetStatus.ACCEPTED)
    return Answer(response, lambda: upkeep.reset(station, reason, BootReason.REMOTE_RESET))


@answers
def trigger_message(request: v16.TriggerMessageRequest, station: Station) -> Answer:
    then = triggers.prepare(station, request.requested_message.value, request.connector_id)
    statuses = v16.TriggerMessageStatus
    status = statuses.REJECTED if then is None else statuses.ACCEPTED
    return Answer(v16.TriggerMessageResponse(status=status), then)


@answers
def extended_trigger_message(
    request: v16.ExtendedTriggerMessageRequest, station: Station
) -> Answer:
    statuses = v16.TriggerMessageStatusEnum
    wanted = request.requested_message
    if wanted is v16.MessageTriggerEnum.SIGN_CHARGE_POINT_CERTIFICATE:
        accepted = v16.ExtendedTriggerMessageResponse(status=statuses.ACCEPTED)
        return Answer(accepted, lambda: own_certificate.ask(station))
    then = triggers.prepare(station, wanted.value, request.connector_id)
    status = statuses.REJECTED if then is None else statuses.ACCEPTED
    return Answer(v16.ExtendedTriggerMessageResponse(status=status), then)


@answers
def update_firmware(request: v16.UpdateFirmwareRequest, station: Station) -> Answer:
    """It cannot be refused: what can no longer be given up goes on, and the new order is lost."""
    order = Order(
        request.location,
        None,
        request.retrieve_date,
        retries=request.retries or 0,
        retry_interval_s=request.retry_interval or 10,
    )
    status = firmware.judge(station, order)
    return Answer(v16.UpdateFirmwareResponse(), lambda: firmware.follow(station, order, status))


@answers
def signed_update_firmware(request: v16.SignedUpdateFirmwareRequest, station: Station) -> Answer:
    """L01 in 1.6."""
    image = request.firmware
    order = Order(
        image.location,
        request.request_id,
        image.retrieve_date_time,
        image.install_date_time,
        request.retries or 0,
        request.retry_interval or 10,
        image.signing_certificate,
        image.signature,
    )
    status = firmware.judge(station, order)
    response = v16.SignedUpdateFirmwareResponse(status=v16.UpdateFirmwareStatusEnum(status))
    return Answer(response, lambda: firmware.follow(station, order, status))


@answers
def get_diagnostics(request: v16.GetDiagnosticsRequest, station: Station) -> Answer:
    name = upkeep.log_name(station)
    return Answer(
        v16.GetDiagnosticsResponse(file_name=name),
        lambda: upkeep.upload_log(
            station,
            request.location,
            name,
            None,
            request.retries or 0,
            request.retry_interval or 10,
        ),
    )


@answers
def get_log(request: v16.GetLogRequest, station: Station) -> Answer:
    name = upkeep.log_name(station)
    return Answer(
        v16.GetLogResponse(status=v16.LogStatusEnum.ACCEPTED, filename=name),
        lambda: upkeep.upload_log(
            station,
            request.log.remote_location,
            name,
            request.request_id,
            request.retries or 0,
            request.retry_interval or 10,
        ),
    )
