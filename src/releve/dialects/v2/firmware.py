"""L: firmware, as 2.0.1 and 2.1 write it."""

from __future__ import annotations

from typing import Any

from releve.dialects.v2.wire import WireStatusInfo
from releve.domain.firmware import PublishFirmware, UpdateFirmware


def update(command: UpdateFirmware) -> dict[str, Any]:
    """UpdateFirmwareRequest. With the signing certificate whenever there is one (L01.FR.11)."""
    return {
        "requestId": command.request_id,
        "retries": command.retries,
        "retryInterval": command.retry_interval_s,
        "firmware": {
            "location": command.location,
            "retrieveDateTime": command.retrieve_at,
            "installDateTime": command.install_at,
            "signingCertificate": command.certificate,
            "signature": command.signature,
        },
    }


def publish(command: PublishFirmware) -> dict[str, Any]:
    """PublishFirmwareRequest."""
    return {
        "requestId": command.request_id,
        "location": command.location,
        "checksum": command.checksum,
        "retries": command.retries,
        "retryInterval": command.retry_interval_s,
    }


def reason(info: WireStatusInfo | None) -> dict[str, Any]:
    """What a status notification of 2.1 adds to its word."""
    if info is None:
        return {}
    return {"reason": info.reason_code, "info": info.additional_info or ""}
