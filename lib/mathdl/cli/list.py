"""`mathdl list`: the chapters and their statements."""

from __future__ import annotations

import json
from argparse import Namespace

from mathdl.core.registry import chapters, statements


def run(chosen: Namespace) -> int:
    """Print the chapters, or the statements of one."""
    found = statements(chosen.selection)
    if chosen.json:
        rows = [{"id": id, "name": s.theorem.name, "source": s.theorem.source, "says": s.theorem.says,
                 "expected": s.expected.value} for id, s in found.items()]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    elif chosen.selection:
        for id, s in found.items():
            print(f"{id:44} {s.expected.value:9} {s.theorem.name} ({s.theorem.source})")
    else:
        for slug in chapters():
            print(f"{slug:24} {sum(id.startswith(slug + '/') for id in found):3} statements")
    return 0
