"""Figures of masks over many scenes, from the reports of `clearshore evaluate --json`, and their tables."""

STRATA = ["sand", "surf", "glint", "turbid", "reef", "snow", "relief"]
# A figure of fewer pixels than this says nothing.
LEAST_PIXELS = 1_000

# What must be reached: name, key of pooled(), bar in percent (None: no bar), whether the figure must be at least the bar.
BARS = [
    ("thick cloud found", "thick_cloud pa", 98.0, True),
    ("thin cloud found", "thin_cloud pa", 60.0, True),
    ("cloud shadow on land found", "land shadow pa", 85.0, True),
    ("of what is called cloud shadow on land, right", "land shadow ua", 70.0, True),
    ("cloud shadow on water found", "water shadow pa", None, True),
    ("of what is called cloud shadow on water, right", "water shadow ua", None, True),
    ("relief shadow called cloud shadow", "relief false shadow", 2.0, False),
    ("sand called cloud", "sand", 1.0, False),
    ("surf called cloud", "surf", 2.0, False),
    ("glint called cloud", "glint", 1.0, False),
    ("snow called cloud", "snow", 3.0, False),
    ("turbid water called cloud", "turbid", None, False),
    ("reef called cloud", "reef", None, False),
]


def share(part: float, whole: int) -> float | None:
    return 100 * part / whole if whole >= LEAST_PIXELS else None


def accuracy(counts: list[dict | None]) -> dict[str, float | None]:
    """Producer's, user's and balanced accuracy of counts of pixels together, percent; None where there are too few."""
    tp, fp, fn, tn = (sum(one[key] for one in counts if one) for key in ("tp", "fp", "fn", "tn"))
    pa, ua, tnr = share(tp, tp + fn), share(tp, tp + fp), share(tn, tn + fp)
    return {"pa": pa, "ua": ua, "boa": None if pa is None or tnr is None else (pa + tnr) / 2}


def false_share(reports: list[dict], stratum: str, what: str) -> float | None:
    """Share of the clear pixels of a stratum that are called something else, percent."""
    found = [report["strata"][stratum] for report in reports if stratum in report["strata"]]
    found = [one for one in found if what in one]
    clear = sum(one["clear_pixels"] for one in found)
    return share(sum(one["clear_pixels"] * (one[what] or 0.0) for one in found), clear)


def pooled(reports: list[dict]) -> dict[str, float | None]:
    """Figures of the pixels of several scenes together, percent; None where there are too few."""
    result = {}
    for name in ["cloud", "thick_cloud", "thin_cloud", "shadow"]:
        counts = [report["scores"]["plain"]["experiments"].get(name) for report in reports]
        result |= {f"{name} {key}": value for key, value in accuracy(counts).items()}
    for stratum in ["land", "water"]:
        counts = [report["strata"].get(stratum, {}).get("shadow") for report in reports]
        result |= {f"{stratum} shadow {key}": value for key, value in accuracy(counts).items()}
    result |= {stratum: false_share(reports, stratum, "false_cloud") for stratum in STRATA}
    result["relief false shadow"] = false_share(reports, "relief", "false_shadow")
    return result


def cell(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def table_of_bars(columns: dict[str, list[dict]], first: str) -> list[str]:
    """A row for each bar, a column for each group of reports; the first group is judged."""
    figures = {title: pooled(reports) for title, reports in columns.items()}
    lines = ["| figure | bar | | " + " | ".join(columns) + " |", "|---" * (3 + len(columns)) + "|"]
    for name, key, bar, at_least in BARS:
        value = figures[first][key]
        judged = bar is not None and value is not None
        verdict = "" if not judged else "met" if (value >= bar if at_least else value <= bar) else "missed"
        limit = "-" if bar is None else f"{'>=' if at_least else '<='} {bar:g}"
        cells = " | ".join(cell(figures[title][key], 2) for title in columns)
        lines.append(f"| {name} | {limit} | {verdict} | {cells} |")
    return lines


def table_of_groups(groups: dict[str, dict[str, list[dict]]]) -> list[str]:
    """A row for each group of scenes and each mask."""
    keys = ["cloud pa", "cloud ua", "cloud boa", "shadow boa"] + STRATA
    lines = ["| scenes | mask | cloud PA | UA | BOA | shadow BOA | " + " | ".join(STRATA) + " |",
             "|---" * (2 + len(keys)) + "|"]
    for group, masks in groups.items():
        for name, reports in masks.items():
            figures = pooled(reports)
            lines.append(f"| {group} | {name} | " + " | ".join(cell(figures[key]) for key in keys) + " |")
    return lines
