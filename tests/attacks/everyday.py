"""The corpus as seen by an ordinary user: run under another user id, prints the level and every payload that got out as JSON."""

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.attacks.arena import KEYS, Arena, Ungated
from tests.attacks.conftest import AT_ONCE, let_loose
from tests.attacks.payloads import ALL


def main() -> None:
    """One payload in three of those that must be denied: every category is among them."""
    if os.getuid() == 0:
        sys.exit("this is for an ordinary user")
    os.environ.update(KEYS)
    payloads = [payload for payload in ALL if payload.expect == "denied"][::3]
    with tempfile.TemporaryDirectory() as name, Arena(Path(name)) as arena, Ungated(workers=AT_ONCE) as sandbox:
        results = let_loose(sandbox, arena, payloads)
        found = {name: result.found for name, result in results.items() if result.found}
        sys.stdout.write(json.dumps({"level": sandbox.isolation().level, "found": found, "count": len(results)}))


if __name__ == "__main__":
    main()
