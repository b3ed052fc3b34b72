"""What a station's answer to GetTransactionStatus means (E14)."""

from __future__ import annotations

import pytest

from releve.domain.transaction import TransactionState
from releve.domain.transaction_check import Finding, finding

ACTIVE, PRESUMED, ENDED = (
    TransactionState.ACTIVE,
    TransactionState.PRESUMED_ENDED,
    TransactionState.ENDED,
)


@pytest.mark.parametrize(
    ("state", "gaps", "ended", "ongoing", "queued", "expected"),
    [
        (ACTIVE, False, False, True, False, Finding.RUNNING),
        (ACTIVE, True, False, True, True, Finding.WAITING),
        (ACTIVE, True, False, True, False, Finding.LOST),
        (ACTIVE, False, False, False, True, Finding.WAITING),
        (ACTIVE, False, False, False, False, Finding.CLOSED),
        (PRESUMED, False, False, True, False, Finding.REOPENED),
        (PRESUMED, False, False, False, True, Finding.WAITING),
        (PRESUMED, True, False, False, False, Finding.CLOSED),
        (ENDED, True, True, False, True, Finding.WAITING),
        (ENDED, True, True, False, False, Finding.LOST),
        (ENDED, False, True, False, False, Finding.SETTLED),
        (ENDED, False, True, True, False, Finding.LOST),
    ],
)
def test_findings(
    state: TransactionState,
    gaps: bool,
    ended: bool,
    ongoing: bool,
    queued: bool,
    expected: Finding,
) -> None:
    found = finding(state, gaps=gaps, ended_for_sure=ended, ongoing=ongoing, queued=queued)

    assert found is expected
