"""N: logs and customer information, as 2.0.1 and 2.1 write them."""

from __future__ import annotations

from typing import Any

from releve.domain.diagnostics import CustomerInformation, GetLog


def log(command: GetLog) -> dict[str, Any]:
    """GetLogRequest."""
    return {
        "requestId": command.request_id,
        "logType": str(command.log),
        "retries": command.retries,
        "retryInterval": command.retry_interval_s,
        "log": {
            "remoteLocation": command.location,
            "oldestTimestamp": command.since,
            "latestTimestamp": command.until,
        },
    }


def customer(command: CustomerInformation) -> dict[str, Any]:
    """CustomerInformationRequest: the customer named in exactly one way (N09.FR.04, N10.FR.08)."""
    token, named = command.token, command.certificate
    return {
        "requestId": command.request_id,
        "report": command.report,
        "clear": command.clear,
        "customerIdentifier": command.identifier,
        "idToken": {"idToken": token.value, "type": token.type} if token is not None else None,
        "customerCertificate": None
        if named is None
        else {
            "hashAlgorithm": named.algorithm,
            "issuerNameHash": named.issuer_name_hash,
            "issuerKeyHash": named.issuer_key_hash,
            "serialNumber": named.serial_number,
        },
    }
