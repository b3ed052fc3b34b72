"""The memory of answered CALLs, so that a retransmission gets the same answer and no second effect.

Since errata 2024-09 (2.0.1, 2.1) and 2025-04 (1.6) a station MAY repeat a message with its old id
when it saw no answer, also over a new connection. But ids restart at 1 in the field, so an id alone
proves nothing: the content is compared too, and only answers that stay true are kept (see
HANDLED_ONCE).

This is the first line. What comes back under a new id, or reordered, or after we restarted, is
recognised by its content in the services.
"""

from __future__ import annotations

from typing import Final

import msgspec

HANDLED_ONCE: Final = frozenset(
    {
        # The answer allots a transaction id: a second handling could allot a second one.
        "StartTransaction",
        # They end a transaction or add energy to it, at a time that they name. The answers carry at
        # most a verdict about a token, and belong to that moment.
        "StopTransaction",
        "TransactionEvent",
        # Samples are appended; the answer is empty.
        "MeterValues",
        # Its effect is the vendor's: nobody knows whether it may be done twice.
        "DataTransfer",
        # From a CSMS to a station: a second start is refused or starts another session, a second
        # reset comes after the first, a second battery is handed out.
        "RemoteStartTransaction",
        "RequestStartTransaction",
        "Reset",
        "RequestBatterySwap",
    }
)
"""Actions whose stored answer is sent again. All others are handled again, for these reasons:

- BootNotification and Heartbeat answer with the current time, and some stations use the same id and
  content at each boot or beat: a stored answer would set their clocks wrong.
- Authorize must say what is true now, not what was true before the token was blocked.
- StatusNotification and the other notifications may have no timestamp, so that the same id and
  content can be a new fact after a restart; to handle one twice does no harm.
"""

RESTARTS: Final = "BootNotification"
"""After this CALL message ids may begin anew: what was stored before proves nothing any more."""


class _Answer(msgspec.Struct, frozen=True, gc=False):
    content: int
    frame: bytes


class AnsweredCalls:
    """The last answers given to one station, bounded in number and bytes.

    One object per station, handed from the session of a closed connection to that of the next. An
    answer that is found after its connection closed is remembered here all the same.
    """

    __slots__ = ("_answers", "_bytes", "_max_bytes", "_max_count")

    def __init__(self, max_count: int = 8, max_bytes: int = 16 * 1024) -> None:
        self._answers: dict[str, _Answer] | None = (
            None  # made at the first answer: many stations idle
        )
        self._bytes = 0
        self._max_count = max_count
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        return len(self._answers) if self._answers else 0

    @property
    def stored_bytes(self) -> int:
        """The bytes of the answer frames held."""
        return self._bytes

    def remember(self, call_id: str, call_frame: bytes, answer_frame: bytes) -> None:
        """Keep the answer to a CALL, at the cost of the oldest ones. One too big is not kept."""
        answers = self._answers
        if answers is None:
            answers = self._answers = {}
        elif call_id in answers:
            self._forget(call_id)
        if len(answer_frame) > self._max_bytes:
            return
        # The hash of the frame stands for its content: 64 bits, keyed per process, and it must meet
        # the same id as well. Keeping the frames would cost ten times the memory.
        answers[call_id] = _Answer(hash(call_frame), answer_frame)
        self._bytes += len(answer_frame)
        while len(answers) > self._max_count or self._bytes > self._max_bytes:
            self._forget(next(iter(answers)))

    def find(self, call_id: str, call_frame: bytes) -> bytes | None:
        """The answer frame that was sent to this same CALL: same id, same content."""
        if not self._answers or (answer := self._answers.get(call_id)) is None:
            return None
        return answer.frame if answer.content == hash(call_frame) else None

    def clear(self) -> None:
        """Forget everything: the station's ids begin anew."""
        self._answers = None
        self._bytes = 0

    def _forget(self, call_id: str) -> None:
        if self._answers and (old := self._answers.pop(call_id, None)) is not None:
            self._bytes -= len(old.frame)
