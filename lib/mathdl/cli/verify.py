"""`mathdl verify`: run every statement's check, print the table, fail when a state is not the expected one."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from mathdl.core.registry import statements
from mathdl.core.report import Row, check, table


def run(chosen: Namespace) -> int:
    """Check the selected statements; 0 when each is in its expected state, 1 when not."""
    found = statements(chosen.selection)
    rows = []
    with tqdm(found.items(), disable=chosen.quiet or not sys.stderr.isatty(), file=sys.stderr, unit="statement") as bar:
        for id, statement in bar:
            bar.set_postfix_str(id, refresh=True)
            rows.append(check(id, statement, scale=chosen.scale, device=chosen.device))
    report(rows, chosen)
    return 0 if all(row.as_expected for row in rows) else 1


def report(rows: list[Row], chosen: Namespace) -> None:
    """Print the table and write the JSON where it is wanted."""
    text = json.dumps([vars(row) | {"as_expected": row.as_expected} for row in rows], indent=1, ensure_ascii=False)
    if chosen.json == "-":
        print(text)
        return
    print(table(rows))
    wrong = [row for row in rows if not row.as_expected]
    for row in wrong:
        print(f"unexpected: {row.id}: {row.state}, expected {row.expected} {row.problem}".rstrip())
    seconds = sum(row.seconds for row in rows)
    print(f"{len(rows)} statements, {len(rows) - len(wrong)} in their expected state, {seconds:.1f} s")
    if chosen.json:
        Path(chosen.json).write_text(text + "\n", encoding="utf-8")
