"""A bar chart of CPU seconds a million records, one group a pipeline: plain SVG, readable on light and dark pages."""
import html
import math

COLOURS = {"connectd": "#2f7ed8", "kcat": "#9aa5b1", "bare librdkafka": "#c3ccd5", "psql COPY": "#9aa5b1",
           "sqlite3 shell": "#9aa5b1", "JVM": "#d9822b"}
BAR, GAP, LEFT, WIDTH = 14, 12, 170, 560


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-family="sans-serif" font-size="11" font-weight="{weight}" '
            f'fill="#6b7681">{html.escape(words)}</text>')


def length(value, largest):
    """By square root, so that the JVM's bars leave something of the others to see; each bar says its number."""
    return WIDTH * math.sqrt(value / largest)


def draw(path, contests):
    largest = max(entry["cpu_per_million"][1] for c in contests.values() for entry in c["contestants"].values())
    parts, y = [], 30
    for contest in contests.values():
        parts.append(text(10, y + BAR - 3, contest["title"], weight="bold"))
        y += BAR + 2
        for name, entry in contest["contestants"].items():
            low, median, high = entry["cpu_per_million"]
            long = length(median, largest)
            parts.append(text(LEFT - 8, y + BAR - 3, name, "end"))
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(long, 1):.1f}" height="{BAR - 2}" fill="{COLOURS.get(name, "#9aa5b1")}"/>')
            parts.append(text(LEFT + long + 6, y + BAR - 3, f"{median:.2f}  ({low:.2f} to {high:.2f})"))
            y += BAR
        y += GAP
    heading = text(10, 16, "CPU seconds of the process for a million records: median (least to most); lengths by square root", weight="bold")
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 150} {y}" '
                    f'width="{LEFT + WIDTH + 150}" height="{y}">{heading}{"".join(parts)}</svg>\n')
