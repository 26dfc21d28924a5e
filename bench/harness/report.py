"""The figures as a table, as JSON, and as a picture."""
import json

from .measure import spread

FIGURES = (
    # key, heading, how to read it from a sample, digits
    ("rate", "records/s", lambda s: s.rate, 0),
    ("cpu_per_million", "CPU s/million", lambda s: s.cpu_per_million, 2),
    ("peak_mb", "peak MB", lambda s: s.peak_mb, 0),
)


def summarize(title, rounds):
    """`rounds`: one dictionary of samples a round, by contestant. Ratios are of pairs in one round, connectd over the other."""
    contestants = {}
    for name in rounds[0]:
        samples = [r[name] for r in rounds]
        entry = {key: spread([read(s) for s in samples]) for key, _, read, _ in FIGURES}
        entry["records"] = samples[0].records
        if name != "connectd":
            entry["time_ratio"] = spread([r["connectd"].seconds / r[name].seconds for r in rounds])
            entry["cpu_ratio"] = spread([r["connectd"].cpu_per_million / r[name].cpu_per_million for r in rounds])
        contestants[name] = entry
    return {"title": title, "contestants": contestants}


def show(values, digits):
    if values is None:
        return ""
    if digits == 0 and values[2] >= 10000:
        return " / ".join(f"{v / 1000:,.0f}k" for v in values)
    return " / ".join(f"{v:,.{digits}f}" for v in values)


def table_of_contests(results):
    rows = [("pipeline", "who", *(heading for _, heading, _, _ in FIGURES), "connectd's time / its", "connectd's CPU / its")]
    for result in results.values():
        title = result["title"]
        for name, entry in result["contestants"].items():
            rows.append((title, name, *(show(entry[key], digits) for key, _, _, digits in FIGURES),
                         show(entry.get("time_ratio"), 2), show(entry.get("cpu_ratio"), 2)))
            title = ""
    return aligned(rows)


def table_of_states(results):
    rows = [("figure", "who", "min / median / max", "unit")]
    for result in results.values():
        title = result["title"]
        for name, figures in result["contestants"].items():
            for what, (unit, digits, values) in figures.items():
                rows.append((f"{title}: {what}", name, show(values, digits), unit))
    return aligned(rows)


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write_json(path, machine, contests, states, absent):
    path.write_text(json.dumps({"machine": machine, "contests": contests, "states": states, "absent": absent},
                               indent=1, ensure_ascii=False) + "\n")
