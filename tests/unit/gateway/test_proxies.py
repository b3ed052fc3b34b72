"""Whose address counts when proxies stand in between."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from websockets.datastructures import Headers

from releve.gateway.proxies import is_trusted, plain_address, true_origin

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("192.0.2.9", [("X-Forwarded-For", "1.2.3.4")], "192.0.2.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [("X-Forwarded-For", "192.0.2.1")], "192.0.2.1"),
        ("10.0.0.1", [("X-Forwarded-For", "6.6.6.6, 192.0.2.1")], "192.0.2.1"),
        ("10.0.0.1", [("X-Forwarded-For", "6.6.6.6, 192.0.2.1, 10.0.0.2")], "192.0.2.1"),
        (
            "10.0.0.1",
            [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "192.0.2.1")],
            "192.0.2.1",
        ),
        ("10.0.0.1", [("X-Forwarded-For", "192.0.2.1:4711")], "192.0.2.1"),
        ("10.0.0.1", [("X-Forwarded-For", "unknown")], "10.0.0.1"),
        ("10.0.0.1", [("X-Forwarded-For", "192.0.2.1, nonsense, 10.0.0.2")], "10.0.0.2"),
        ("10.0.0.1", [("Forwarded", "for=192.0.2.1;proto=https;by=10.0.0.1")], "192.0.2.1"),
        ("10.0.0.1", [("Forwarded", 'For="[2001:db8::1]:4711"')], "2001:db8::1"),
        ("10.0.0.1", [("Forwarded", "for=6.6.6.6, for=192.0.2.1")], "192.0.2.1"),
        ("fd00::1", [("X-Forwarded-For", "2001:db8::2")], "2001:db8::2"),
        ("not-an-address", [("X-Forwarded-For", "192.0.2.1")], "not-an-address"),
    ],
)
def test_the_last_address_that_is_not_ours_counts(peer, headers, expected):
    assert true_origin(peer, False, Headers(headers), PROXIES) == (
        expected,
        "https" in str(headers),
    )


@pytest.mark.parametrize(
    ("name", "value", "secure"),
    [
        ("X-Forwarded-Proto", "https", True),
        ("X-Forwarded-Proto", "wss", True),
        ("X-Forwarded-Proto", "http", False),
        ("X-Forwarded-Proto", "https, http", False),
        ("Forwarded", "for=192.0.2.1;proto=http", False),
        ("X-Other", "https", True),  # nothing said: what we see ourselves
    ],
)
def test_the_last_proxy_says_whether_the_station_used_tls(name, value, secure):
    assert true_origin("10.0.0.1", True, Headers([(name, value)]), PROXIES)[1] is secure


def test_addresses_are_written_in_one_way():
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("2001:DB8::1") == "2001:db8::1"
    assert is_trusted("::ffff:10.1.1.1", PROXIES)
    assert not is_trusted("", PROXIES)
