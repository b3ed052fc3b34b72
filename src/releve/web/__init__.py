"""The operator's console: pages for people, over the same services as the API."""

from releve.web.console import not_found_handler, router

__all__ = ["not_found_handler", "router"]
