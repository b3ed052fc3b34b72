"""What a load run found, and how it reads."""

import random
from array import array
from dataclasses import dataclass, field


class Latencies:
    """Times in seconds; beyond `keep` a fair sample of them (reservoir), so that memory is bounded."""

    def __init__(self, keep: int = 200_000) -> None:
        self._kept = array("d")
        self._keep = keep
        self._rng = random.Random(0)
        self.count = 0

    def add(self, seconds: float) -> None:
        """Record one."""
        self.count += 1
        if len(self._kept) < self._keep:
            self._kept.append(seconds)
        elif (place := self._rng.randrange(self.count)) < self._keep:
            self._kept[place] = seconds

    def at(self, share: float) -> float:
        """The time in seconds that `share` of all stay below; 0 when there are none."""
        if not self._kept:
            return 0.0
        ordered = sorted(self._kept)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class Report:
    """Counts and times of one run. Latencies run from writing a CALL to reading its answer."""

    wanted: int = 0
    opened: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Connections that did not come about, by reason."""
    dropped: int = 0
    """Connections that ended by themselves."""
    sent: int = 0
    answered: int = 0
    answered_in_time: int = 0
    """Of those, while the rate was kept up: neither boots nor stragglers."""
    errors: int = 0
    """CALLs answered with a CALLERROR."""
    unanswered: int = 0
    """CALLs still open at the end."""
    skipped: int = 0
    """CALLs that were due while every connection still waited for an answer."""
    seconds: float = 0.0
    """How long the rate was kept up, once all connections were open."""
    connecting: Latencies = field(default_factory=Latencies)
    answering: Latencies = field(default_factory=Latencies)

    @property
    def ok(self) -> bool:
        """Whether everything that was wanted came about."""
        return self.opened == self.wanted and not (self.dropped or self.errors or self.unanswered)

    def lines(self) -> list[str]:
        """The report in words."""
        rate = self.answered_in_time / self.seconds if self.seconds else 0.0
        found = [
            f"connections  {self.opened} of {self.wanted} opened, {self.dropped} lost",
            f"opening      p50 {_ms(self.connecting.at(0.5))}, p99 {_ms(self.connecting.at(0.99))}",
            f"messages     {self.sent} sent, {self.answered} answered, {self.errors} refused, "
            f"{self.unanswered} unanswered",
            f"throughput   {rate:.0f} answers per second over {self.seconds:.1f} s",
            f"answers      p50 {_ms(self.answering.at(0.5))}, p99 {_ms(self.answering.at(0.99))}, "
            f"p99.9 {_ms(self.answering.at(0.999))}",
        ]
        if self.skipped:
            found.append(
                f"             {self.skipped} were due but not sent: all connections waited"
            )
        found += [f"refused      {count} x {why}" for why, count in sorted(self.refused.items())]
        return found


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
