"""Figures into documents: marked blocks that a program replaces."""

import os
import pathlib
import sys


def update(document: pathlib.Path, name: str, text: str) -> None:
    """Replaces the block of a name in a document; appends one where there is none."""
    begin, end = f"<!-- {name} -->\n", "<!-- end -->\n"
    old = document.read_text() if document.exists() else ""
    before, found, rest = old.partition(begin)
    _, closed, after = rest.partition(end)
    if found and not closed:
        sys.exit(f"{document}: the block that begins with {begin.strip()} has no {end.strip()}")
    document.write_text(before + begin + text + end + after)


def machine() -> str:
    model = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    return f"{model}, {os.cpu_count()} cores"
