"""REST and server-sent events."""

from releve.api.documents import openapi_config, openapi_document
from releve.api.probes import probes
from releve.api.problems import application_handler
from releve.api.router import router

__all__ = ["application_handler", "openapi_config", "openapi_document", "probes", "router"]
