"""Payloads that are nearly right."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

ODD = st.sampled_from(
    [None, "", "x" * 3000, "1", -1, 0, 1.5, 10**400, 1e300, True, [], {}, [[]], [None], {"": {}}]
) | st.text(max_size=5)


@st.composite
def spoiled_payloads(draw: st.DrawFn, whole: Any) -> Any:
    """A valid payload with a few values exchanged for odd ones, or removed."""
    payload = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 4))):
        place: Any = payload
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = copy.deepcopy(draw(ODD))
            break
    return payload
