"""The garbage collector, told what this process is like.

Python's default looks at all young objects after every 700 new ones. A node that holds hundreds of messages between
their arrival and their commit has far more than that alive at any moment, so nearly every look found nothing and moved
everything on to older generations: a quarter of the CPU of a message. Nothing on the way of a message makes cycles;
what does (tracebacks, web requests) is collected a little later.
"""

from __future__ import annotations

import gc

YOUNG = 50_000
"""New containers before the young ones are looked at: some megabytes, some milliseconds."""
MIDDLE, OLD = 20, 50


def calm_collector() -> None:
    """Collect once, keep what is there now (modules, tables, templates) out of all later looks, and look less often.

    For a process that serves: called once, when everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
