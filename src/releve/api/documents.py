"""The OpenAPI document."""

from __future__ import annotations

from litestar.openapi.config import OpenAPIConfig

from releve import __version__


def openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(title="Relève", version=__version__, path="/api")
