"""Tokens from a CSV file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.token import IdToken
from releve.services.errors import Invalid
from releve.services.token_import import TokenImport
from tests.support.console import opened


@pytest.fixture
async def house(tmp_path: Any) -> AsyncIterator[Any]:
    """Services on a store of their own."""
    async with opened(tmp_path) as console:
        yield console.desk.services


async def read(services: Any, text: str, **how: Any) -> Any:
    return await TokenImport(services.store, services.tokens).read(
        DEFAULT_OPERATOR, text.splitlines(), **how
    )


async def found(services: Any, value: str) -> Any:
    async with services.store.work(DEFAULT_OPERATOR) as work:
        return await work.tokens.find(IdToken(value, ""))


async def test_what_can_be_taken_is_and_the_rest_is_named(house: Any) -> None:
    done = await read(
        house,
        "value;type;label;group;blocked;places;credit;expires_at\n"
        "A1;ISO14443;Ada;FLEET;no;CP-1/2|site:Harbour;12,50;2027-01-31\n"
        ";;nobody;;;;;\n"
        "A2;;;;maybe;;;\n"
        "A3;;;;;;a lot;\n"
        "A4;;Bob;;;;;soon\n"
        "\n"
        "A5;eMAID;;;yes;;;\n",
    )
    assert (done.added, done.changed, done.unchanged) == (2, 0, 0)
    assert [(p.line, p.field) for p in done.problems] == [
        (3, "value"),
        (4, "blocked"),
        (5, "credit"),
        (6, "expires_at"),
    ]
    ada = await found(house, "a1")
    assert (ada.label, ada.group, ada.places) == ("Ada", "FLEET", ("CP-1/2", "site:Harbour"))
    assert ada.credit == Decimal("12.5")
    assert (await found(house, "A5")).blocked


async def test_registered_ones_stay_unless_they_are_to_be_changed(house: Any) -> None:
    text = "value,label\nA1,Ada\n"
    assert (await read(house, text)).added == 1
    assert (await read(house, text)).unchanged == 1
    renamed = "value,label\nA1,Ada L.\n"
    assert (await read(house, renamed)).unchanged == 1
    assert (await read(house, renamed, update=True, dry=True)).changed == 1
    assert (await found(house, "A1")).label == "Ada"
    assert (await read(house, renamed, update=True)).changed == 1
    assert (await found(house, "A1")).label == "Ada L."


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "empty"), ("label\nAda\n", "value is missing"), ("value,colour\nA,red\n", "colour")],
)
async def test_a_header_that_cannot_be_read_is_refused(house: Any, text: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        await read(house, text)
