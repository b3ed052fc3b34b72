"""Numbers for Prometheus, read from the parts when asked for: counting costs the hot path nothing extra."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from releve.app.node import Node


class NodeCollector(Collector):
    """Everything that `/metrics` shows of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def collect(self) -> Iterable[Metric]:
        yield from self._stations()
        yield from self._messages()
        yield from self._doors()
        yield from self._store()
        yield GaugeMetricFamily(
            "releve_tasks", "asyncio tasks that are alive", len(asyncio.all_tasks())
        )

    def _stations(self) -> Iterator[Metric]:
        roster = self._node.house.roster
        yield GaugeMetricFamily(
            "releve_stations_connected", "Stations connected here", roster.connected()
        )
        yield CounterMetricFamily(
            "releve_connections_replaced",
            "Connections replaced by a newer one of the same station",
            roster.replaced,
        )

    def _messages(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "releve_messages",
            "Calls of stations (in) and to stations (out), by action and outcome",
            labels=("direction", "action", "outcome"),
        )
        for (inbound, action, outcome), count in self._node.house.journal.counts.items():
            family.add_metric(("in" if inbound else "out", action, outcome), count)
        yield family

    def _doors(self) -> Iterator[Metric]:
        handshakes = CounterMetricFamily(
            "releve_handshakes", "WebSocket handshakes by outcome", labels=("door", "outcome")
        )
        closes = CounterMetricFamily(
            "releve_closes", "Closed connections by code", labels=("door", "code")
        )
        frames = CounterMetricFamily(
            "releve_frames", "Frames by the way they took", labels=("door", "way")
        )
        for door in self._node.doors:
            name, counters = str(door.port), door.counters
            for outcome, count in counters.handshakes.items():
                handshakes.add_metric((name, str(outcome)), count)
            for code, count in counters.closes.items():
                closes.add_metric((name, str(code)), count)
            frames.add_metric((name, "short"), counters.frames_short)
            frames.add_metric((name, "long"), counters.frames_long)
        yield from (handshakes, closes, frames)

    def _store(self) -> Iterator[Metric]:
        stats = self._node.store.stats
        yield CounterMetricFamily("releve_commits", "Group commits", stats.batches)
        yield CounterMetricFamily("releve_units", "Units of work committed", stats.units)
        yield CounterMetricFamily("releve_rows", "Rows written", stats.rows)
        yield CounterMetricFamily(
            "releve_commit_seconds", "Time spent in group commits, seconds", stats.seconds
        )
        yield GaugeMetricFamily(
            "releve_units_pending", "Units of work that wait for their commit", stats.pending
        )


def exposition(node: Node) -> Callable[[], bytes]:
    """What `/metrics` answers, as a function."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(NodeCollector(node))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return lambda: generate_latest(registry)
