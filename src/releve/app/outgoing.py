"""Requests to other people's servers at addresses that stations and certificates name: http and https only, never into
private networks unless the operator allows it, no redirects, bounded in size and time (abuse case 24)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
USER_AGENT = "Releve"


class Forbidden(httpx.RequestError):
    """An address to which nothing is sent from here; the text says why."""


class TooLarge(httpx.RequestError):
    """An answer of more bytes than are wanted."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Looks the host up itself, judges every address found, and connects to the one it judged: a name that resolves
    to another address a moment later (DNS rebinding) gains nothing."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = allowed
        # No kept connections: two hosts at one address would share one that was opened in the other's name.
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, or raise Forbidden."""
        url = request.url
        if url.scheme not in ("http", "https"):
            raise Forbidden(f"{url.scheme or 'such'} addresses are not asked, only http and https")
        addresses = await _resolved(url)
        for address in addresses:
            if not self._may(address):
                raise Forbidden(
                    f"{url.host} is in a private network ({address}); RELEVE_OUTGOING_NETWORKS allows it"
                )
        if url.scheme == "https":
            request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=str(addresses[0]))
        return await self._inner.handle_async_request(request)

    def _may(self, address: Address) -> bool:
        address = _meant(address)
        if any(address in network for network in self._allowed):
            return True
        return address.is_global and not address.is_multicast

    async def aclose(self) -> None:
        """End it."""
        await self._inner.aclose()


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


async def _resolved(url: httpx.URL) -> list[Address]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.host, port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise Forbidden(f"{url.host or 'an empty name'} cannot be found ({error})") from error
    return [ip_address(place[4][0]) for place in found]


def client(allowed: Sequence[Network] = ()) -> httpx.AsyncClient:
    """A client that sends through the guard alone: no proxies of the environment, no redirects."""
    return httpx.AsyncClient(
        transport=GuardedTransport(allowed),
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


async def fetch(
    sender: httpx.AsyncClient,
    request: httpx.Request,
    *,
    largest: int,
) -> bytes:
    """The body of a 200; httpx.RequestError or httpx.HTTPStatusError otherwise."""
    response = await sender.send(request, stream=True)
    try:
        if response.status_code != httpx.codes.OK:
            raise httpx.HTTPStatusError(
                f"it answered HTTP {response.status_code}", request=request, response=response
            )
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > largest:
                raise TooLarge(f"its answer has more than {largest} bytes", request=request)
        return bytes(body)
    finally:
        await response.aclose()


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks as settings name them; ValueError for what is none."""
    return tuple(ip_network(text, strict=False) for text in texts)
