"""REST and server-sent events."""

from releve.api.documents import openapi_config, openapi_document
from releve.api.inside import KEY, Health, Inside, Metrics
from releve.api.probes import probes
from releve.api.problems import application_handler
from releve.api.router import router
from releve.api.transfers import Transfers, with_transfers

__all__ = [
    "KEY",
    "Health",
    "Inside",
    "Metrics",
    "Transfers",
    "application_handler",
    "openapi_config",
    "openapi_document",
    "probes",
    "router",
    "with_transfers",
]
