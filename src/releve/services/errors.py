"""Errors of the operator's own requests. (Refusals of stations and tokens are values, not errors.)"""

from __future__ import annotations


class RequestError(Exception):
    """A request that cannot be done. `message` is for the person who made it; `field` names what is wrong."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(RequestError):
    """There is no such thing for this operator."""


class Invalid(RequestError):
    """A value cannot be taken."""


class Taken(RequestError):
    """The name is in use already."""


class NotNow(RequestError):
    """It makes no sense in the present state."""


class Denied(RequestError):
    """Who asks may not do this."""
