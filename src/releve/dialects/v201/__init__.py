"""OCPP 2.0.1. What it shares with 2.1 is in `dialects.v2`; what is typed is here."""

from releve.dialects.v201 import (
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
from releve.dialects.v201.version import v201 as dialect

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
