"""Who is really calling, when a proxy stands in front of the stations' door."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from websockets.datastructures import Headers

from releve.gateway.door_settings import Network

__all__ = ["is_trusted", "plain_address", "true_origin"]


def plain_address(address: str) -> str:
    """An IPv4 address seen through a dual-stack socket in its usual form; without zone."""
    ip = _parse(address)
    return str(ip) if ip is not None else address


def is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    """Whether an address belongs to one of our proxies."""
    ip = _parse(address)
    return ip is not None and any(
        ip in network
        for network in proxies
        if isinstance(network, IPv6Network) == (ip.version == 6)
    )


def true_origin(
    peer: str, secure: bool, headers: Headers, proxies: Sequence[Network]
) -> tuple[str, bool]:
    """The station's address, and whether its own leg was TLS.

    Anyone can send the headers, so they count only from trusted peers, and of the chain only the
    last address that is not itself a trusted proxy: what stands left of it was written by the
    caller.
    """
    if not is_trusted(peer, proxies):
        return peer, secure
    forwarded = _forwarded(headers)
    if forwarded:
        hops = [hop.get("for", "") for hop in forwarded]
        schemes = [hop.get("proto", "") for hop in forwarded]
    else:
        hops = _listed(headers, "X-Forwarded-For")
        schemes = _listed(headers, "X-Forwarded-Proto")
    if schemes and schemes[-1]:
        secure = schemes[-1].lower() in {"https", "wss"}
    for hop in reversed(hops):
        ip = _parse(_host(hop))
        if ip is None:
            break
        peer = str(ip)
        if not is_trusted(peer, proxies):
            break
    return peer, secure


def _listed(headers: Headers, name: str) -> list[str]:
    return [part.strip() for value in headers.get_all(name) for part in value.split(",")]


def _forwarded(headers: Headers) -> list[dict[str, str]]:
    """RFC 7239, section 4: hops by comma, their parameters by semicolon, values perhaps quoted."""
    hops = []
    for element in _listed(headers, "Forwarded"):
        pairs = [pair.partition("=") for pair in element.split(";")]
        hops.append({name.strip().lower(): value.strip().strip('"') for name, _, value in pairs})
    return hops


def _host(hop: str) -> str:
    """`192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:4711`, `2001:db8::1` without the port."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
