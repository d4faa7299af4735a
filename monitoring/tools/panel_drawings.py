"""Draws a panel as SVG or HTML, close to Grafana: time series, stats, heatmaps, state timelines, tables, a graph."""

import html
import math
import re
import time

from value_format import written

PALETTE = ["#73BF69", "#F2CC0C", "#8AB8FF", "#FF780A", "#F2495C", "#5794F2", "#B877D9", "#CA95E5", "#96D98D", "#FFB357",
           "#FF7383", "#A352CC", "#6ED0E0", "#E0B400", "#C4162A"]
NAMED = {"green": "#73BF69", "yellow": "#F2CC0C", "orange": "#FF9830", "red": "#F2495C", "blue": "#5794F2",
         "purple": "#B877D9", "text": "#CCCCDC", "transparent": "none"}
HEAT = ["#30123b", "#4662d8", "#36aaf9", "#1ae4b6", "#72fe5e", "#c8ef34", "#faba39", "#f66b19", "#ca2a04", "#7a0403"]
LINE_HEIGHT = 17
AXIS = 62
MANY = 8  # with more lines, the legend shows the highest first


def escaped(text):
    return html.escape(str(text))


def named(labels, legend):
    if legend in ("", "__auto"):
        inner = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()) if key != "__name__")
        return inner or labels.get("__name__", "value")
    return re.sub(r"{{\s*(\w+)\s*}}", lambda match: labels.get(match.group(1), ""), legend)


def threshold_color(panel, value):
    color = "text"
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return NAMED.get(color, color)


def mapped(panel, value):
    """Returns the text and the colour to which a value is mapped, or None."""
    for mapping in panel["fieldConfig"]["defaults"].get("mappings", []):
        found = mapping["options"].get(f"{value:g}")
        if found:
            return found["text"], NAMED.get(found["color"], found["color"])
    return None


def override_color(panel, name):
    for override in panel["fieldConfig"]["overrides"]:
        pattern = override["matcher"]["options"].strip("/")
        if re.search(pattern, name):
            return NAMED[override["properties"][0]["value"]["fixedColor"]]
    return None


class Frame:
    """Converts times and values to positions on the page."""

    def __init__(self, width, height, start, end, lowest, highest):
        self.left, self.top, self.right, self.bottom = AXIS, 6, width - 12, height - 22
        self.start, self.end, self.lowest, self.highest = start, end, lowest, highest

    def x(self, when):
        return self.left + (when - self.start) / (self.end - self.start) * (self.right - self.left)

    def y(self, value):
        return self.bottom - (value - self.lowest) / (self.highest - self.lowest) * (self.bottom - self.top)


def round_ticks(lowest, highest, count):
    raw = (highest - lowest) / count
    if raw <= 0:
        return [lowest]
    size = 10 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)
    first = math.ceil(lowest / step - 1e-9)
    return [index * step for index in range(first, int(highest / step + 1e-9) + 1)]


def time_axis(frame):
    span, room = frame.end - frame.start, max(2, (frame.right - frame.left) / 75)
    steps = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600)
    step = next((size for size in steps if span / size <= room), 86400)
    parts = []
    when = math.ceil(frame.start / step) * step
    while frame.x(when) < frame.right - 16:
        x = frame.x(when)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.top}" y2="{frame.bottom}" class="grid"/>'
                     f'<text x="{x:.1f}" y="{frame.bottom + 15}" class="tick" text-anchor="middle">'
                     f'{time.strftime("%H:%M:%S" if step < 60 else "%H:%M", time.localtime(when))}</text>')
        when += step
    return "".join(parts)


def value_axis(frame, unit):
    parts, scale = [], 1
    while unit in ("bytes", "Bps") and frame.highest / scale >= 1024:
        scale *= 1024
    count = max(2, (frame.bottom - frame.top) // 45)
    for tick in (scale * each for each in round_ticks(frame.lowest / scale, frame.highest / scale, count)):
        y = frame.y(tick)
        parts.append(f'<line x1="{frame.left}" x2="{frame.right}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
                     f'<text x="{frame.left - 7}" y="{y + 4:.1f}" class="tick" text-anchor="end">'
                     f'{escaped(written(tick, unit))}</text>')
    return "".join(parts)


def marks_on(frame, marks):
    return "".join(f'<line x1="{frame.x(when):.1f}" x2="{frame.x(when):.1f}" y1="{frame.top}" y2="{frame.bottom}" '
                   f'class="mark"/><path d="M{frame.x(when) - 4:.1f} {frame.bottom + 5} l4 -5 l4 5z" fill="#5794F2"/>'
                   for when in marks if frame.start <= when <= frame.end)


def svg(width, height, content):
    return f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}">{content}</svg>'


def paths(points, frame, gap_seconds):
    """Splits points into runs where values are missing."""
    runs, last = [], None
    for when, value in points:
        if last is None or when - last > gap_seconds:
            runs.append([])
        runs[-1].append((frame.x(when), frame.y(value)))
        last = when
    return runs


def no_value(width, height):
    return f'<div class="nothing" style="height:{height}px">No data</div>'


def stacked(lines, times):
    """Stacks each line on the previous one: its band has (time, low, high)."""
    floor = {when: 0.0 for when in times}
    for line in lines:
        values = dict(line.points)
        line.band = []
        for when in times:
            low = floor[when]
            floor[when] = low + values.get(when, 0.0)
            line.band.append((when, low, floor[when]))


class Line:
    def __init__(self, name, color, points):
        self.name, self.color, self.points = name, color, points
        self.band = []


def lines_of(panel, answers):
    lines = []
    for target, found in answers:
        for series in found:
            name = named(series.labels, target.get("legendFormat", ""))
            lines.append((name, series.points))
    lines.sort(key=lambda entry: entry[0])
    if len(lines) > MANY:
        lines.sort(key=lambda entry: -max(value for _, value in entry[1]))
    return [Line(name, override_color(panel, name) or PALETTE[index % len(PALETTE)], points)
            for index, (name, points) in enumerate(lines)]


def legend_of(lines, unit, width, rows):
    columns = 2 if len(lines) > rows and width > 380 else 1
    shown = lines[:rows * columns]
    cells = "".join(
        f'<div class="entry"><i style="background:{line.color}"></i><b>{escaped(line.name)}</b>'
        f'<span>{escaped(written(line.points[-1][1], unit))}</span>'
        f'<span>{escaped(written(max(value for _, value in line.points), unit))}</span></div>' for line in shown)
    more = f'<div class="entry"><b>and {len(lines) - len(shown)} more</b></div>' if len(lines) > len(shown) else ""
    head = '<div class="entry head"><b></b><span>Last</span><span>Max</span></div>' * columns
    return f'<div class="legend" style="grid-template-columns:repeat({columns},1fr)">{head}{cells}{more}</div>'


def time_series(panel, answers, width, height, period, marks):
    unit = panel["fieldConfig"]["defaults"]["unit"]
    lines = lines_of(panel, answers)
    if not lines:
        return no_value(width, height)
    is_stacked = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    times = sorted({when for line in lines for when, _ in line.points})
    if is_stacked:
        stacked(lines, times)
    tops = [high for line in lines for _, _, high in line.band] or [value for line in lines for _, value in line.points]
    bottoms = [value for line in lines for _, value in line.points]
    defaults = panel["fieldConfig"]["defaults"]
    highest = max(tops)
    lowest = min(0, *bottoms) if defaults.get("min") is None else defaults["min"]
    highest = highest * 1.08 if highest > lowest else lowest + 1
    if defaults.get("max") is not None:
        highest = max(highest, defaults["max"])
    rows = 3 if height < 240 else 4
    columns = 2 if len(lines) > rows and width > 380 else 1
    legend_rows = min(rows, max(1, len(lines))) + 1 + (len(lines) > rows * columns)
    plot_height = height - legend_rows * LINE_HEIGHT - 4
    frame = Frame(width, plot_height, *period, lowest, highest)
    gap = 3.5 * period_step(period)
    content = value_axis(frame, unit) + time_axis(frame) + marks_on(frame, marks)
    limit = defaults["thresholds"]["steps"][-1]["value"]
    if defaults["custom"]["thresholdsStyle"]["mode"] != "off" and limit is not None and limit <= highest:
        content += (f'<line x1="{frame.left}" x2="{frame.right}" y1="{frame.y(limit):.1f}" y2="{frame.y(limit):.1f}" '
                    'class="limit"/>')
    for line in reversed(lines) if is_stacked else lines:
        content += banded(line, frame) if is_stacked else stroked(line, frame, gap)
    return svg(width, plot_height, content) + legend_of(lines, unit, width, rows)


def period_step(period):
    return max(1.0, (period[1] - period[0]) / 240)


def stroked(line, frame, gap):
    parts = []
    for run in paths(line.points, frame, gap):
        if len(run) == 1:
            parts.append(f'<circle cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="1.5" fill="{line.color}"/>')
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        parts.append(f'<polygon points="{run[0][0]:.1f},{frame.bottom} {path} {run[-1][0]:.1f},{frame.bottom}" '
                     f'fill="{line.color}" fill-opacity="0.07"/>'
                     f'<polyline points="{path}" fill="none" stroke="{line.color}" stroke-width="1.4"/>')
    return "".join(parts)


def banded(line, frame):
    top = [(frame.x(when), frame.y(high)) for when, _, high in line.band]
    bottom = [(frame.x(when), frame.y(low)) for when, low, _ in reversed(line.band)]
    around = " ".join(f"{x:.1f},{y:.1f}" for x, y in top + bottom)
    edge = " ".join(f"{x:.1f},{y:.1f}" for x, y in top)
    return (f'<polygon points="{around}" fill="{line.color}" fill-opacity="0.35"/>'
            f'<polyline points="{edge}" fill="none" stroke="{line.color}" stroke-width="1.2"/>')


def figure(panel, answers, width, height, period, marks):
    found = [series for _, every in answers for series in every]
    if not found:
        return no_value(width, height)
    defaults = panel["fieldConfig"]["defaults"]
    value = found[0].last
    word = mapped(panel, value)
    text, color = word or (written(value, defaults["unit"], defaults.get("decimals")), threshold_color(panel, value))
    spark = ""
    if panel["options"]["graphMode"] == "area" and len(found[0].points) > 1:
        values = [each for _, each in found[0].points]
        low, high = min(values), max(values)
        frame = Frame(width, height, *period, low, high if high > low else low + 1)
        frame.left, frame.right, frame.top, frame.bottom = 0, width, height * 0.6, height - 2
        runs = paths(found[0].points, frame, 3.5 * period_step(period))
        for run in runs:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            spark += (f'<polygon points="{run[0][0]:.1f},{height} {path} {run[-1][0]:.1f},{height}" fill="{color}" '
                      f'fill-opacity="0.15"/><polyline points="{path}" fill="none" stroke="{color}" '
                      'stroke-opacity="0.6"/>')
    size = min(38, height * 0.42, width / (0.62 * max(3, len(text))))
    content = (spark + f'<text x="{width / 2}" y="{height * 0.48:.0f}" text-anchor="middle" font-weight="600" '
               f'font-size="{size:.0f}" fill="{color}">{escaped(text)}</text>')
    return svg(width, height, content)


def heat(panel, answers, width, height, period, marks):
    rows = []
    for _, found in answers:
        for series in found:
            bound = series.labels.get("le", "+Inf")
            rows.append((math.inf if bound == "+Inf" else float(bound), dict(series.points)))
    rows.sort(key=lambda row: row[0])
    if not rows or not any(value for _, values in rows for value in values.values()):
        return no_value(width, height)
    times = sorted({when for _, values in rows for when in values})
    cells, below = [], {when: 0.0 for when in times}
    for bound, values in rows:
        cells.append((bound, {when: max(0.0, values.get(when, 0.0) - below[when]) for when in times}))
        below = {when: values.get(when, below[when]) for when in times}
    used = [index for index, (_, row) in enumerate(cells) if any(row.values())]
    cells = cells[max(0, used[0] - 1):used[-1] + 2]
    hottest = max(value for _, row in cells for value in row.values())
    frame = Frame(width, height, *period, 0, len(cells))
    step = (times[1] - times[0]) if len(times) > 1 else 1
    content = ""
    for level, (bound, row) in enumerate(cells):
        y = frame.y(level + 1)
        tall = frame.y(level) - y
        name = "more" if bound == math.inf else written(bound, "s")
        content += f'<text x="{frame.left - 7}" y="{y + tall / 2 + 4:.1f}" class="tick" text-anchor="end">{name}</text>'
        for when, value in row.items():
            if value > 0.01:
                color = HEAT[min(len(HEAT) - 1, int((value / hottest) ** 0.5 * len(HEAT)))]
                content += (f'<rect x="{frame.x(when - step):.1f}" y="{y + 0.5:.1f}" height="{tall - 1:.1f}" '
                            f'width="{max(1.0, frame.x(when) - frame.x(when - step) - 0.4):.1f}" fill="{color}"/>')
    return svg(width, height, content + time_axis(frame) + marks_on(frame, marks))


def states(panel, answers, width, height, period, marks):
    lines = lines_of(panel, answers)
    if not lines:
        return no_value(width, height)
    frame = Frame(width, height, *period, 0, len(lines))
    frame.left = 150
    tall = (frame.bottom - frame.top) / len(lines)
    content = ""
    for index, line in enumerate(lines):
        y = frame.top + index * tall
        content += (f'<text x="{frame.left - 8}" y="{y + tall / 2 + 4:.1f}" class="tick" text-anchor="end">'
                    f'{escaped(line.name)}</text>')
        for begin, end, value in merged(line.points, 3.5 * period_step(period)):
            word, color = mapped(panel, value) or (f"{value:g}", "#8e8e8e")
            wide = max(1.0, frame.x(end) - frame.x(begin))
            content += (f'<rect x="{frame.x(begin):.1f}" y="{y + tall * 0.12:.1f}" width="{wide:.1f}" '
                        f'height="{tall * 0.76:.1f}" fill="{color}" fill-opacity="0.7"/>')
            if wide > 34 and tall > 14:
                content += (f'<text x="{frame.x(begin) + 5:.1f}" y="{y + tall / 2 + 4:.1f}" class="state">'
                            f'{escaped(word)}</text>')
    return svg(width, height, content + time_axis(frame) + marks_on(frame, marks))


def merged(points, gap):
    """Merges adjacent points of equal value into (from, to, value)."""
    spans = []
    for when, value in points:
        if spans and spans[-1][2] == value and when - spans[-1][1] <= gap:
            spans[-1][1] = when
        else:
            if spans and when - spans[-1][1] <= gap:
                spans[-1][1] = when
            spans.append([when, when, value])
    return spans


SEVERITIES = {"critical": -3, "warning": -2, "info": -1}


def columns_of(panel):
    for transformation in panel["transformations"]:
        if transformation["id"] == "organize":
            return transformation["options"]["renameByName"]
    return {}


def rows_of(panel, answers, width, height, period, marks):
    columns = columns_of(panel)
    found = [series for _, every in answers for series in every]
    found.sort(key=lambda series: (SEVERITIES.get(series.labels.get("severity"), 0), sorted(series.labels.items())))
    if not found:
        return no_value(width, height)
    head = "".join(f"<th>{escaped(title)}</th>" for title in columns.values())
    limit = max(1, int((height - 26) // 25))
    body = ""
    for series in found[:limit]:
        cells = []
        for name in columns:
            text = f"{series.last:g}" if name == "Value" else series.labels.get(name, "")
            tone = {"firing": "red", "pending": "yellow", "critical": "red", "warning": "orange"}.get(text, "text")
            cells.append(f'<td style="color:{NAMED[tone]}">{escaped(text)}</td>')
        body += f"<tr>{''.join(cells)}</tr>"
    more = f"<tr><td>and {len(found) - limit} more</td></tr>" if len(found) > limit else ""
    return f"<table><tr>{head}</tr>{body}{more}</table>"


def gauges(panel, answers, width, height, period, marks):
    lines = lines_of(panel, answers)
    if not lines:
        return no_value(width, height)
    unit = panel["fieldConfig"]["defaults"]["unit"]
    highest = max(line.points[-1][1] for line in lines) or 1
    tall = min(34.0, (height - 6) / len(lines))
    content = ""
    for index, line in enumerate(lines):
        value, y = line.points[-1][1], 4 + index * tall
        color = threshold_color(panel, value)
        wide = (width - 260) * max(0.0, value) / highest
        content += (f'<text x="150" y="{y + tall / 2 + 4:.1f}" class="tick" text-anchor="end">'
                    f'{escaped(line.name)}</text>'
                    f'<rect x="158" y="{y + 3:.1f}" width="{width - 260}" height="{tall - 6:.1f}" fill="#22252b"/>'
                    f'<rect x="158" y="{y + 3:.1f}" width="{wide:.1f}" height="{tall - 6:.1f}" fill="{color}" '
                    f'fill-opacity="0.8"/><text x="{width - 92}" y="{y + tall / 2 + 5:.1f}" fill="{color}" '
                    f'font-size="14" font-weight="600">{escaped(written(value, unit))}</text>')
    return svg(width, height, content)


def graph(panel, answers, width, height, period, marks):
    """Draws nodes on a circle. Arrows bend to the right, so that both directions are visible."""
    nodes = {series.labels["id"]: series.last for _, found in answers for series in found if "id" in series.labels
             and "source" not in series.labels}
    edges = [(series.labels["source"], series.labels["target"], series.last)
             for _, found in answers for series in found if "source" in series.labels]
    if not nodes:
        return no_value(width, height)
    radius, size = min(width, height) * 0.33, 44
    places = {name: (width / 2 + radius * math.sin(2 * math.pi * index / len(nodes)),
                     height / 2 + 12 - radius * math.cos(2 * math.pi * index / len(nodes)))
              for index, name in enumerate(sorted(nodes))}
    content = ('<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
               'orient="auto"><path d="M0 0L8 4L0 8z" fill="#9fa7b3"/></marker></defs>')
    busiest = max((value for *_, value in edges), default=1) or 1
    for source, target, value in edges:
        if source in places and target in places:
            content += arrow(places[source], places[target], size, value, busiest)
    for name, (x, y) in places.items():
        content += (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="#181b1f" stroke="#73BF69" stroke-width="4"/>'
                    f'<text x="{x:.1f}" y="{y - 2:.1f}" class="node">{written(nodes[name], "reqps")}</text>'
                    f'<text x="{x:.1f}" y="{y + 15:.1f}" class="name">{escaped(name)}</text>')
    return svg(width, height, content)


def arrow(source, target, size, value, busiest):
    (x1, y1), (x2, y2) = source, target
    length = math.hypot(x2 - x1, y2 - y1) or 1
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    bend = 34
    mx, my = (x1 + x2) / 2 - uy * bend, (y1 + y2) / 2 + ux * bend
    lx, ly = x1 + 0.36 * (x2 - x1) - uy * 36, y1 + 0.36 * (y2 - y1) + ux * 36
    sx, sy, tx, ty = x1 + ux * size - uy * 9, y1 + uy * size + ux * 9, x2 - ux * size - uy * 9, y2 - uy * size + ux * 9
    wide = 1 + 4 * value / busiest
    return (f'<path d="M{sx:.1f} {sy:.1f} Q{mx:.1f} {my:.1f} {tx:.1f} {ty:.1f}" fill="none" stroke="#9fa7b3" '
            f'stroke-width="{wide:.1f}" stroke-opacity="0.6" marker-end="url(#tip)"/>'
            f'<text x="{lx:.1f}" y="{ly + 4:.1f}" class="name">{written(value, "ops")}</text>')


DRAWINGS = {"timeseries": time_series, "stat": figure, "heatmap": heat, "state-timeline": states, "table": rows_of,
            "bargauge": gauges, "nodeGraph": graph}
