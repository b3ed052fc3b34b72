"""OCPP 1.6: core, firmware, reservation, remote trigger and security extension.

Its words stay in this package: a charge point is a Station here, a connector n > 0 is an Evse with one connector, and
connector 0 is the station itself.
"""

from releve.dialects.v16 import (
    authorization,
    availability,
    configuration,
    data_transfer,
    metering,
    provisioning,
    remote_control,
    reports,
    transactions,
)
from releve.dialects.v16.version import v16 as dialect

__all__ = [
    "authorization",
    "availability",
    "configuration",
    "data_transfer",
    "dialect",
    "metering",
    "provisioning",
    "remote_control",
    "reports",
    "transactions",
]
