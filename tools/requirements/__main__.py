"""`python -m tools.requirements [ID ...] [--prune]`: the requirements that nobody cites, or where these are cited."""

from __future__ import annotations

import sys

from tools.requirements.citations import (
    citations,
    exempt,
    requirements,
    uncited,
    write_exempt,
)


def main(arguments: list[str]) -> int:
    """1 when a requirement is neither cited nor exempt. --prune: forget reasons that are no longer needed."""
    if "--prune" in arguments:
        known = citations()
        write_exempt({i: reason for i, reason in exempt().items() if i not in known})
        return 0
    if arguments:
        found = citations()
        for identity in arguments:
            for place in found.get(identity, []):
                print(f"{identity}\t{place.file}:{place.line}")
        return 0
    reasons, missing = exempt(), uncited()
    for requirement in missing:
        print(f"{requirement.id}\t{reasons.get(requirement.id, 'NO REASON GIVEN')}")
    total = len(requirements())
    print(f"{total - len(missing)} of {total} requirements are cited; {len(missing)} are not.")
    return 1 if any(requirement.id not in reasons for requirement in missing) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
