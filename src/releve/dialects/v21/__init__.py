"""OCPP 2.1. What it shares with 2.0.1 is in `dialects.v2`; what is typed is here."""

from releve.dialects.v21 import (
    authorization,
    availability,
    data_transfer,
    device_model,
    metering,
    monitoring,
    provisioning,
    remote_control,
    reports,
    transactions,
)
from releve.dialects.v21.version import v21 as dialect

__all__ = [
    "authorization",
    "availability",
    "data_transfer",
    "device_model",
    "dialect",
    "metering",
    "monitoring",
    "provisioning",
    "remote_control",
    "reports",
    "transactions",
]
