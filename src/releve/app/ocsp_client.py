"""Asks OCSP responders and fetches revocation lists over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from releve.app.outgoing import Forbidden, Network, TooLarge, client, fetch
from releve.services.revocation import WebAnswer, WebRequest

TRIES = 2
"""Of each address. A responder is a web server: one that fails once mostly works the next time."""
PAUSE_S = 0.2
LEAST_TRY_S = 0.5


class HttpOcspClient:
    """Implements `services.revocation.OcspClient`. bound_s: within so much time all answers are there, or are given up.

    The station waits meanwhile, and its next message waits behind: this bound is what it can wait at most.
    """

    def __init__(self, bound_s: float, allowed: Sequence[Network] = ()) -> None:
        self._bound = bound_s
        self._allowed = allowed
        self._client: httpx.AsyncClient | None = None

    async def fetch(self, requests: Sequence[WebRequest]) -> list[WebAnswer]:
        """All at once. Runs in a task of its own, for time limits need one (decision 0005)."""
        return await asyncio.get_running_loop().create_task(self._all(requests))

    async def _all(self, requests: Sequence[WebRequest]) -> list[WebAnswer]:
        return list(await asyncio.gather(*(self._bounded(request) for request in requests)))

    async def _bounded(self, request: WebRequest) -> WebAnswer:
        try:
            async with asyncio.timeout(self._bound):
                return await self._any(request)
        except TimeoutError:
            return WebAnswer(problem=f"nobody answered within {self._bound:g} seconds")

    async def _any(self, request: WebRequest) -> WebAnswer:
        """The first good answer of its addresses, each tried again after what may pass."""
        problems: list[str] = []
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            for url in request.urls:
                answer, passing = await self._try(request, url)
                if not answer.problem:
                    return answer
                problems.append(answer.problem)
                if not passing and len(request.urls) == 1:
                    return answer
        return WebAnswer(problem="; ".join(dict.fromkeys(problems)) or "there is no address to ask")

    async def _try(self, request: WebRequest, url: str) -> tuple[WebAnswer, bool]:
        """One try at one address; also whether it may go better the next time."""
        if self._client is None:
            self._client = client(self._allowed)
        patience = max(self._bound / (TRIES * max(len(request.urls), 1)), LEAST_TRY_S)
        try:
            made = self._client.build_request(
                "POST" if request.body else "GET",
                url,
                content=request.body or None,
                headers={"Content-Type": request.media_type} if request.media_type else None,
                timeout=patience,
            )
            body = await fetch(self._client, made, largest=request.largest)
        except (httpx.InvalidURL, Forbidden, TooLarge) as error:
            return WebAnswer(problem=f"{url}: {error}"), False
        except httpx.HTTPStatusError as error:
            return WebAnswer(problem=f"{url}: {error}"), error.response.status_code >= 500
        except (httpx.HTTPError, ValueError) as error:
            return WebAnswer(problem=f"{url}: {str(error) or _named(error)}"), True
        return WebAnswer(body=body), False


def _named(error: Exception) -> str:
    """httpx's time-outs have no text."""
    return (
        "no answer in time" if isinstance(error, httpx.TimeoutException) else type(error).__name__
    )
