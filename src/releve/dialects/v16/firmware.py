"""Firmware and logs: the firmware management profile, and their signed successors of the security extension."""

from __future__ import annotations

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.commands import Outcome, Result
from releve.domain.diagnostics import GetLog, LogKind
from releve.domain.firmware import UpdateFirmware
from releve.ocpp.messages.v16 import (
    DiagnosticsStatusNotificationRequest,
    DiagnosticsStatusNotificationResponse,
    Firmware,
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    GetDiagnosticsRequest,
    GetDiagnosticsResponse,
    GetLogRequest,
    GetLogResponse,
    LogEnum,
    LogParameters,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    SignedFirmwareStatusNotificationRequest,
    SignedFirmwareStatusNotificationResponse,
    SignedUpdateFirmwareRequest,
    SignedUpdateFirmwareResponse,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v16.asks
def update_firmware(
    command: UpdateFirmware, station: LiveStation
) -> UpdateFirmwareRequest | SignedUpdateFirmwareRequest:
    if command.certificate and command.signature:
        return SignedUpdateFirmwareRequest(
            request_id=command.request_id,
            retries=command.retries,
            retry_interval=command.retry_interval_s,
            firmware=Firmware(
                location=command.location,
                retrieve_date_time=command.retrieve_at,
                install_date_time=command.install_at,
                signing_certificate=command.certificate,
                signature=command.signature,
            ),
        )
    if command.install_at is not None:
        raise Unsupported("OCPP 1.6 can set the time of installation only for signed firmware")
    return UpdateFirmwareRequest(
        location=command.location,
        retrieve_date=command.retrieve_at,
        retries=command.retries,
        retry_interval=command.retry_interval_s,
    )


@v16.hears
def firmware_updating(command: UpdateFirmware, response: UpdateFirmwareResponse) -> Outcome:
    return Outcome(result=Result.ANSWERED, accepted=True)  # 1.6 5.19: it has no way to refuse


@v16.hears
def signed_firmware_updating(
    command: UpdateFirmware, response: SignedUpdateFirmwareResponse
) -> Outcome:
    return outcome(response.status)


@v16.answers
async def firmware_status(
    request: FirmwareStatusNotificationRequest, inbound: Inbound, services: Services
) -> FirmwareStatusNotificationResponse:
    await services.firmware.progress(inbound, None, str(request.status), {})
    return FirmwareStatusNotificationResponse()


@v16.answers
async def signed_firmware_status(
    request: SignedFirmwareStatusNotificationRequest, inbound: Inbound, services: Services
) -> SignedFirmwareStatusNotificationResponse:
    await services.firmware.progress(inbound, request.request_id, str(request.status), {})
    return SignedFirmwareStatusNotificationResponse()


@v16.asks
def get_log(command: GetLog, station: LiveStation) -> GetDiagnosticsRequest | GetLogRequest:
    if command.log is LogKind.DIAGNOSTICS:
        return GetDiagnosticsRequest(
            location=command.location,
            retries=command.retries,
            retry_interval=command.retry_interval_s,
            start_time=command.since,
            stop_time=command.until,
        )
    if command.log is not LogKind.SECURITY:
        raise Unsupported("OCPP 1.6 has no data collector log")
    return GetLogRequest(
        request_id=command.request_id,
        log_type=LogEnum.SECURITY_LOG,
        retries=command.retries,
        retry_interval=command.retry_interval_s,
        log=LogParameters(
            remote_location=command.location,
            oldest_timestamp=command.since,
            latest_timestamp=command.until,
        ),
    )


@v16.hears
def diagnostics_promised(command: GetLog, response: GetDiagnosticsResponse) -> Outcome:
    """Without a file name there is nothing to hand in (1.6 5.9)."""
    if not response.file_name:
        nothing = "The station has no diagnostics of that time."
        return Outcome(result=Result.ANSWERED, description=nothing)
    payload = {"filename": response.file_name}
    return Outcome(result=Result.ANSWERED, accepted=True, payload=payload)


@v16.hears
def log_promised(command: GetLog, response: GetLogResponse) -> Outcome:
    return msgspec.structs.replace(outcome(response.status), payload=msgspec.to_builtins(response))


@v16.answers
async def diagnostics_status(
    request: DiagnosticsStatusNotificationRequest, inbound: Inbound, services: Services
) -> DiagnosticsStatusNotificationResponse:
    await services.logs.progress(inbound, None, str(request.status), {})
    return DiagnosticsStatusNotificationResponse()


@v16.answers
async def log_status(
    request: LogStatusNotificationRequest, inbound: Inbound, services: Services
) -> LogStatusNotificationResponse:
    await services.logs.progress(inbound, request.request_id, str(request.status), {})
    return LogStatusNotificationResponse()
