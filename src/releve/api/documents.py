"""The OpenAPI document."""

from __future__ import annotations

from typing import Any

from litestar.openapi.config import OpenAPIConfig

from releve import __version__


def openapi_config() -> OpenAPIConfig:
    """For the application."""
    return OpenAPIConfig(title="Relève", version=__version__, path="/api")


def openapi_document() -> dict[str, Any]:
    """The document, without a server."""
    raise SystemExit("later")
