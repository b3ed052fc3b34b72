"""What may name a station, and who may charge."""

from datetime import UTC, datetime, timedelta

import pytest

from releve.domain.ids import DEFAULT_OPERATOR, TokenId
from releve.domain.station import identity_problem
from releve.domain.token import IdToken, Token, Verdict, judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("identity", ["CP-1", "RDAM 123", "a" * 255, "Säule 1", "DE*ABC*E1"])
def test_an_identity_of_1_6(identity: str) -> None:
    assert identity_problem(identity, strict=False) is None


@pytest.mark.parametrize("identity", ["", "a\0b", "a\nb", "..", "../x", "a" * 256, "\x7f"])
def test_what_names_no_station(identity: str) -> None:
    assert identity_problem(identity, strict=False)


@pytest.mark.parametrize("identity", ["a" * 49, "RDAM 123", "a:b", "Säule", "a/b", "CP1\n"])
def test_2_x_is_stricter(identity: str) -> None:
    assert identity_problem(identity, strict=True)


def test_every_character_that_2_x_allows() -> None:
    assert identity_problem("aZ09*-_=+|@.", strict=True) is None


def token(**about: object) -> Token:
    return Token(
        id=TokenId(1),
        operator=DEFAULT_OPERATOR,
        value="ADA",
        created_at=NOON,
        **about,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        (None, Verdict.UNKNOWN),
        (token(), Verdict.ACCEPTED),
        (token(blocked=True), Verdict.BLOCKED),
        (token(expires_at=NOON), Verdict.EXPIRED),
        (token(expires_at=NOON + timedelta(seconds=1)), Verdict.ACCEPTED),
        (token(blocked=True, expires_at=NOON), Verdict.BLOCKED),
    ],
)
def test_judgement(known: Token | None, verdict: Verdict) -> None:
    assert judge(IdToken("ada"), known, NOON).verdict is verdict


def test_another_type_is_another_token_and_1_6_knows_no_types() -> None:
    assert judge(IdToken("ADA", "eMAID"), token(), NOON).verdict is Verdict.UNKNOWN
    assert judge(IdToken("ADA", ""), token(type="eMAID"), NOON).verdict is Verdict.ACCEPTED
