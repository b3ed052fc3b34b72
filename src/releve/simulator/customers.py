"""What a station holds of a customer, and forgetting it (N09, N10). It knows customers by their tokens alone."""

from typing import TYPE_CHECKING

from releve.simulator.tokens import Token

if TYPE_CHECKING:
    from releve.simulator.station import Station

NOTHING = "No data found."
CLEARED = "The data was cleared."


def known(station: "Station", token: Token) -> list[str]:
    """Lines of text: what is in the cache and in the local list, and what the token is charging."""
    found = []
    cached, listed = station.book.cache.get(token.key), station.book.local.get(token.key)
    if cached is not None:
        found.append(f"{token.text}: {cached.status}")
    if listed is not None:
        found.append(f"{token.text}: {listed.status}, in the local list")
    for evse in station.evses.values():
        transaction = evse.transaction
        if transaction is None or transaction.token is None or transaction.token.key != token.key:
            continue
        since = f"{transaction.began_at:%Y-%m-%dT%H:%M:%SZ}"
        found.append(f"{token.text}: charging at EVSE {evse.id} since {since}")
    return found


def forget(station: "Station", token: Token) -> None:
    """Only the cache: the local list is the CSMS's to change, and a transaction needs its driver (N10.FR.02, FR.03)."""
    station.book.cache.pop(token.key, None)
    station.note("forgotten", "a customer's data was cleared")


def report(lines: list[str], *, wanted: bool, cleared: bool) -> str:
    """What is told of it (N09.FR.05, N09.FR.06, N10.FR.03, N10.FR.04, N10.FR.06)."""
    if not wanted and cleared:
        return CLEARED
    return "\n".join(lines) if lines else NOTHING
