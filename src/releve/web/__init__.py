"""The operator's console: pages for people, over the same services as the API."""

from releve.web.console import KEY, Console, not_found, router

__all__ = ["KEY", "Console", "not_found", "router"]
