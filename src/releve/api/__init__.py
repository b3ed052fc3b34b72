"""REST and server-sent events."""

from releve.api.documents import openapi_config
from releve.api.probes import probes
from releve.api.router import router

__all__ = ["openapi_config", "probes", "router"]
