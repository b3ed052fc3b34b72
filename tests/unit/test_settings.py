"""Settings: where they come from, and what is said when they cannot be used."""

from pathlib import Path

import pytest

from releve.settings import SettingsError, load


def test_defaults() -> None:
    settings = load({})
    assert settings.stations_at == "ws://localhost:9000/ocpp"
    assert settings.console_url == "http://localhost:8080"


def test_environment_file_and_override(tmp_path: Path) -> None:
    file = tmp_path / "releve.toml"
    file.write_text("http_port = 81\nstation_port = 91\nheartbeat_interval = 60\n")
    environment = {
        "RELEVE_CONFIG": str(file),
        "RELEVE_STATION_PORT": "92",
        "RELEVE_HTTP_PORT": "82",
    }
    settings = load(environment, http_port=83, http_host=None)
    assert (settings.heartbeat_interval, settings.station_port, settings.http_port) == (60, 92, 83)


def test_lists_are_separated_by_commas() -> None:
    assert load({"RELEVE_STATION_PREFIXES": "/a, /b,"}).station_prefixes == ("/a", "/b")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"RELEVE_HTTP_PORT": "many"}, "RELEVE_HTTP_PORT"),
        ({"RELEVE_STATION_PORT": "65536"}, "RELEVE_STATION_PORT"),
        ({"RELEVE_CALL_TIMEOUT": "0"}, "RELEVE_CALL_TIMEOUT"),
        ({"RELEVE_STATION_PREFIXES": ","}, "RELEVE_STATION_PREFIXES"),
        ({"RELEVE_UNKNOWN_STATIONS": "maybe"}, "refuse, quarantine, accept"),
        ({"RELEVE_DATABASE_URL": "mysql://x"}, "sqlite:///"),
        ({"RELEVE_STATION_TLS_PORT": "9001"}, "TLS_CERTIFICATES"),
        ({"RELEVE_TLS_CERTIFICATES": "a.pem"}, "same number"),
        ({"RELEVE_CONFIG": "/nowhere/releve.toml"}, "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_said(environment: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(environment)


def test_a_typing_error_in_the_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "releve.toml"
    file.write_text("htp_port = 81\n")
    with pytest.raises(SettingsError, match="htp_port"):
        load({"RELEVE_CONFIG": str(file)})
    file.write_text("http_port 81")
    with pytest.raises(SettingsError, match="not TOML"):
        load({"RELEVE_CONFIG": str(file)})


def test_the_address_of_a_station() -> None:
    settings = load({}, station_host="192.0.2.7", station_port=9001)
    assert settings.station_address("CP/1 x") == "ws://192.0.2.7:9001/ocpp/CP%2F1%20x"
    assert not settings.stations_anywhere
    assert load({}, station_host="2001:db8::1").stations_at == "ws://[2001:db8::1]:9000/ocpp"
    assert load({}, station_url="wss://csms.example/ocpp/").station_address("A") == (
        "wss://csms.example/ocpp/A"
    )
