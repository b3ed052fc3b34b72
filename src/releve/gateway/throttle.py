"""Slows the guessing of stations' identities and passwords, without locking a real station out.

Three kinds of failure are counted, each in a token bucket that may run into debt (so that guesses
made in parallel are paid for by a longer wait):

- of one identity from one address: a station with a wrong password knocks for ever, and only it
  waits;
- of one address: it tries many identities. Generous, for a site's stations share one address;
- of one identity: it is guessed from many addresses. Stops only addresses that have failed before.

An address without a failure therefore always gets its try, and so does a station from where it last
succeeded, whatever others do. Memory is bounded: the least recently used entries are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Generic, TypeVar

__all__ = ["Rate", "Throttle"]

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` failures are free, then one per `every_s` seconds."""

    burst: float
    every_s: float


class _Buckets(Generic[K]):
    """Token buckets by key, the least recently used thrown out beyond `limit`."""

    DEBT = 20  # bursts; bounds the longest wait

    def __init__(self, rate: Rate, limit: int) -> None:
        self._rate = rate
        self._limit = limit
        self._tokens: OrderedDict[K, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tokens)

    def __contains__(self, key: K) -> bool:
        return key in self._tokens

    def _level(self, key: K, now: float) -> float:
        tokens, at = self._tokens.get(key, (self._rate.burst, now))
        return min(self._rate.burst, tokens + max(0.0, now - at) / self._rate.every_s)

    def wait_s(self, key: K, now: float) -> float:
        return max(0.0, (1.0 - self._level(key, now)) * self._rate.every_s)

    def take(self, key: K, now: float) -> None:
        floor = -self.DEBT * self._rate.burst
        self._tokens[key] = max(floor, self._level(key, now) - 1.0), now
        self._tokens.move_to_end(key)
        if len(self._tokens) > self._limit:
            self._tokens.popitem(last=False)

    def is_full(self, key: K, now: float) -> bool:
        return self._level(key, now) >= self._rate.burst

    def forget(self, key: K) -> None:
        self._tokens.pop(key, None)


class Throttle:
    """Says how long to wait before credentials are looked at. `now` is monotonic, in seconds.

    `limit` bounds each of four tables; an entry takes about 200 bytes.
    """

    def __init__(
        self,
        *,
        pair: Rate = Rate(burst=5, every_s=30),
        address: Rate = Rate(burst=50, every_s=2),
        identity: Rate = Rate(burst=20, every_s=10),
        limit: int = 20_000,
    ) -> None:
        self._pairs: _Buckets[tuple[str, str]] = _Buckets(pair, limit)
        self._addresses: _Buckets[str] = _Buckets(address, limit)
        self._identities: _Buckets[str] = _Buckets(identity, limit)
        self._home: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._limit = limit

    def may_try(self, identity: str, address: str, now: float) -> float:
        """Seconds to wait before the next try, 0 to try now. Does not count as a try."""
        where = _network(address)
        wait_s = self._pairs.wait_s((identity, where), now)
        if (identity, where) in self._home:
            return wait_s
        wait_s = max(wait_s, self._addresses.wait_s(where, now))
        if not self._addresses.is_full(where, now):
            wait_s = max(wait_s, self._identities.wait_s(identity, now))
        return wait_s

    def failed(self, identity: str, address: str, now: float) -> None:
        """Wrong credentials, or an identity that does not exist."""
        where = _network(address)
        self._pairs.take((identity, where), now)
        self._addresses.take(where, now)
        self._identities.take(identity, now)

    def succeeded(self, identity: str, address: str, now: float) -> None:
        """Right credentials. Forgives this station here, but neither the address nor the identity:
        else whoever owns one station could go on guessing others."""
        home = identity, _network(address)
        self._pairs.forget(home)
        self._home[home] = None
        self._home.move_to_end(home)
        if len(self._home) > self._limit:
            self._home.popitem(last=False)

    def size(self) -> int:
        """Entries held, for metrics."""
        tables = (self._pairs, self._addresses, self._identities, self._home)
        return sum(len(table) for table in tables)


def _network(address: str) -> str:
    """An IPv6 customer owns a whole /64, so that is one address here."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
