"""Dividing the station's limit among the EVSEs that charge (internal load balancing, K04)."""

from collections.abc import Sequence

from releve.simulator.car import MIN_CURRENT_A


def share(limit_a: float, wishes_a: Sequence[float]) -> list[float]:
    """Divide `limit_a` among `wishes_a` so that the least served gets as much as possible.

    Nobody gets between 0 and 6 A, where a car cannot charge: when there is too little for all, those that
    come last wait. Amperes are per phase, and every EVSE is taken to load the same phase: the sum of
    currents on no phase can then exceed the limit.
    """
    served = [index for index, wish in enumerate(wishes_a) if wish > 0]
    while served:
        shares = _fill(limit_a, {index: wishes_a[index] for index in served})
        starved = [index for index in served if shares[index] < MIN_CURRENT_A - 1e-9]
        if not starved:
            return [shares.get(index, 0.0) for index in range(len(wishes_a))]
        served.remove(starved[-1])
    return [0.0] * len(wishes_a)


def _fill(limit_a: float, wishes_a: dict[int, float]) -> dict[int, float]:
    """Max-min fair division: small wishes are met, the others share the rest evenly."""
    shares: dict[int, float] = {}
    left = max(0.0, limit_a)
    waiting = sorted(wishes_a, key=lambda index: wishes_a[index])
    while waiting:
        index = waiting.pop(0)
        shares[index] = min(wishes_a[index], left / (len(waiting) + 1))
        left -= shares[index]
    return shares
