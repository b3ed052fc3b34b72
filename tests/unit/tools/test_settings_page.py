"""The settings page says what the settings class says."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from tools.build_docs.settings_page import page, read


class Sample(msgspec.Struct, kw_only=True):
    database_url: Annotated[str, msgspec.Meta(description="Where rows are kept")] = "sqlite:///x.db"
    certificate: Annotated[str, msgspec.Meta(description="Path | name")]
    proxies: Annotated[tuple[str, ...], msgspec.Meta(description="Believed")] = ("10.0.0.1", "::1")
    secure: bool = False


@pytest.fixture
def settings():
    return {setting.name: setting for setting in read(Sample)}


def test_a_setting_knows_its_variable_default_and_meaning(settings):
    database = settings["database_url"]
    assert database.variable == "RELEVE_DATABASE_URL"
    assert database.default == "sqlite:///x.db"
    assert database.meaning == "Where rows are kept"


def test_defaults_are_as_one_would_write_them(settings):
    assert settings["proxies"].default == "10.0.0.1,::1"
    assert settings["secure"].default == "false"
    assert settings["certificate"].default == ""


def test_a_field_without_description_is_found_out(settings):
    assert settings["secure"].meaning == ""


def test_the_page_has_a_row_for_each():
    text = page(Sample)
    assert "| `RELEVE_DATABASE_URL` | `sqlite:///x.db` | Where rows are kept |" in text
    assert "| `RELEVE_CERTIFICATE` | none | Path \\| name |" in text
