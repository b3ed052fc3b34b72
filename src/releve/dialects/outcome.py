"""What a station's answer to a command amounts to, the same for every version."""

from __future__ import annotations

from collections.abc import Sequence

from releve.domain.commands import Outcome, Result, VariableResult

WILL_DO = frozenset({"Accepted", "Scheduled", "Unlocked", "RebootRequired", "AcceptedCanceled"})
"""Words by which a station says that it does, did or will do what it was asked for."""


def outcome(status: str, description: str = "") -> Outcome:
    """An answer with one status word. description: the station's own explanation, if it gave one."""
    return Outcome(
        result=Result.ANSWERED,
        status=str(status),
        accepted=status in WILL_DO,
        description=description,
    )


def variables_outcome(variables: Sequence[VariableResult], wanted: int) -> Outcome:
    """An answer with one status per variable: accepted when all are, and as many came as were wanted.

    The status is the word that all share, else none.
    """
    words = {variable.status for variable in variables}
    return Outcome(
        result=Result.ANSWERED,
        status=words.pop() if len(words) == 1 else None,
        accepted=len(variables) >= wanted
        and all(variable.status in WILL_DO for variable in variables),
        variables=tuple(variables),
    )
