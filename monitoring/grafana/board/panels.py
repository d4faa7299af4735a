"""The kinds of panels that the dashboards use, in the JSON that Grafana stores."""

from board.queries import SOURCE, Target, per, quantile_per, rate

GREEN, YELLOW, ORANGE, RED, BLUE = "green", "yellow", "orange", "red", "blue"


def steps(*pairs):
    """Thresholds: `steps(GREEN, (0.5, RED))` is green below 0.5 and red from there on."""
    first, rest = pairs[0], pairs[1:]
    return {
        "mode": "absolute",
        "steps": [{"color": first, "value": None}, *({"color": color, "value": value} for value, color in rest)],
    }


# Thresholds that several dashboards share, for the three nodes of `make run-cluster` and for pending hints.
NODE_STEPS = steps(RED, (2, ORANGE), (3, GREEN))
HINT_STEPS = steps(GREEN, (1, YELLOW), (1000, RED))


def panel(kind, title, description, targets, unit="none", thresholds=None, options=None, custom=None, **more):
    defaults = {"unit": unit, "color": {"mode": "palette-classic"}, "custom": custom or {}, "mappings": []}
    defaults["thresholds"] = thresholds or steps(GREEN)
    for name in ("min", "max", "decimals", "mappings", "noValue"):
        if name in more:
            defaults[name] = more[name]
    if "color" in more:
        defaults["color"] = more["color"]
    targets = targets if isinstance(targets, list) else [targets]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": [target.json(position) for position, target in enumerate(targets)],
        "options": options or {},
        "transformations": more.get("transformations", []),
        "fieldConfig": {"defaults": defaults, "overrides": more.get("overrides", [])},
    }


def colored(pattern, color):
    return {
        "matcher": {"id": "byRegexp", "options": pattern},
        "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
    }


# Line colours by legend, the same on every panel: success is green, failure is red.
OUTCOMES = [
    colored("/^(success|2xx|ok|alive|equal|sampled)$/", GREEN),
    colored("/4xx|suspect|under/", YELLOW),
    colored("/5xx|failure|failed|unavailable|dead|timeout/", RED),
    colored("/node_down|recovering/", ORANGE),
]


def value_words(words):
    """A mapping that shows a word and a colour for each value; `words` lists (value, word, colour)."""
    options = {
        str(value): {"text": word, "color": color, "index": index} for index, (value, word, color) in enumerate(words)
    }
    return [{"type": "value", "options": options}]


def series(title, description, unit, targets, stack=False, limit=None, **more):
    """Lines over time. `limit` draws a dashed line at the highest acceptable value."""
    custom = {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 30 if stack else 8,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stack else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if limit is not None else "off"},
    }
    thresholds = steps("transparent", (limit, RED)) if limit is not None else None
    options = {
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    more.setdefault("min", 0)
    more.setdefault("overrides", OUTCOMES)
    return panel("timeseries", title, description, targets, unit, thresholds, options, custom, **more)


def stat(title, description, unit, text, thresholds, graph=True, **more):
    """The last value as a large number, coloured by `thresholds`; `graph` draws its history behind it."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area" if graph else "none",
        "textMode": "auto",
        "justifyMode": "auto",
        "orientation": "auto",
        "wideLayout": True,
    }
    more["color"] = {"mode": "thresholds"}
    return panel("stat", title, description, Target(text), unit, thresholds, options, **more)


def heatmap(title, description, family, matchers="{@}"):
    """The distribution of a histogram over time, in seconds."""
    target = Target(f"sum by (le) (increase({family}_bucket{matchers}[@]))", "{{le}}", exemplar=True, format="heatmap")
    options = {
        "calculate": False,
        "cellGap": 1,
        "yAxis": {"unit": "s", "axisPlacement": "left"},
        "color": {
            "mode": "scheme",
            "scheme": "Turbo",
            "scale": "exponential",
            "exponent": 0.5,
            "steps": 64,
            "reverse": False,
            "fill": "dark-orange",
        },
        "exemplars": {"color": "rgba(255,255,255,0.8)"},
        "filterValues": {"le": 1e-9},
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
    }
    return panel("heatmap", title, description, target, "s", options=options)


def timeline(title, description, target, words):
    """States over time; `words` lists (value, word, colour)."""
    options = {
        "mergeValues": True,
        "showValue": "auto",
        "rowHeight": 0.8,
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom, color = {"fillOpacity": 75, "lineWidth": 0}, {"mode": "thresholds"}
    more = {"mappings": value_words(words), "color": color}
    return panel("state-timeline", title, description, target, options=options, custom=custom, **more)


def table(title, description, text, columns):
    """`columns` maps labels (and Value) to headings, in the order of the columns; all other fields are hidden."""
    organize = {
        "id": "organize",
        "options": {
            "excludeByName": {},
            "includeByName": {name: True for name in columns},
            "indexByName": {name: index for index, name in enumerate(columns)},
            "renameByName": columns,
        },
    }
    target = Target(text, instant=True, format="table")
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}, "sortBy": []}
    custom = {"align": "auto", "filterable": False}
    return panel("table", title, description, target, options=options, custom=custom, transformations=[organize])


def bars(title, description, unit, target, thresholds):
    """One horizontal bar for each series, with its last value."""
    options = {
        "displayMode": "gradient",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "minVizWidth": 8,
        "minVizHeight": 14,
        "namePlacement": "auto",
        "sizing": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    return panel("bargauge", title, description, target, unit, thresholds, options, min=0)


def node_graph(title, description, nodes, edges):
    """A graph of nodes and the traffic between them, in requests per second."""
    rename = {"id": "renameByRegex", "options": {"regex": "Value.*", "renamePattern": "mainstat"}}
    targets = [
        Target(nodes, instant=True, format="table", ref="nodes"),
        Target(edges, instant=True, format="table", ref="edges"),
    ]
    options = {"nodes": {"mainStatUnit": "reqps"}, "edges": {"mainStatUnit": "reqps"}}
    return panel("nodeGraph", title, description, targets, "reqps", options=options, transformations=[rename])


def remote_reads():
    """Two panels: reads that coordinators request from other nodes, and their latency."""
    family = "hedgehog_coordinator_remote_read"
    return (
        series(
            "Remote reads by target node",
            "Items and versions per second that coordinators read from other nodes.",
            "ops",
            per("target_node, result", rate(f"{family}s_total")),
            stack=True,
        ),
        series(
            "p95 latency of remote reads",
            "From the request to a node to its response; histogram buckets start at 50 us.",
            "s",
            quantile_per("target_node", 0.95, f"{family}_duration_seconds"),
        ),
    )
