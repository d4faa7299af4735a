"""Panels and boards as Grafana stores them.

In an expression `{@` stands for the matchers of job and node, `{@table` for these and the table, and `[@]` for the
interval that Grafana computes for a rate: so no panel can forget them.
"""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
GREEN, YELLOW, ORANGE, RED, BLUE, PURPLE, GREY = "green", "yellow", "orange", "red", "blue", "purple", "text"


def query(text):
    text = " ".join(text.split())
    text = text.replace("{@table", '{job=~"$job",node_id=~"$node",table=~"$table"')
    return text.replace("{@", '{job=~"$job",node_id=~"$node"').replace("[@]", "[$__rate_interval]")


def quantile(share, family, by=(), matchers="{@}"):
    """The sum over `le` and `by` comes first: an average of percentiles is the percentile of nothing."""
    labels = ", ".join([*by, "le"])
    return f"histogram_quantile({share}, sum by ({labels}) (rate({family}_bucket{matchers}[@])))"


class Target:
    def __init__(self, text, legend="", exemplar=False, instant=False, format=None, ref=None):
        self.text, self.legend, self.exemplar = text, legend, exemplar
        self.instant, self.format, self.ref = instant, format, ref

    def json(self, position):
        made = {
            "refId": self.ref or chr(ord("A") + position),
            "datasource": SOURCE,
            "expr": query(self.text),
            "legendFormat": self.legend or "__auto",
            "editorMode": "code",
            "range": not self.instant,
            "instant": self.instant,
        }
        if self.exemplar:
            made["exemplar"] = True
        if self.format:
            made["format"] = self.format
        return made


def targets_of(targets):
    given = targets if isinstance(targets, list) else [targets]
    return [(item if isinstance(item, Target) else Target(*item)).json(index) for index, item in enumerate(given)]


def steps(*pairs):
    """`steps(GREEN, (0.5, RED))`: the first colour holds from below everything."""
    first, rest = pairs[0], pairs[1:]
    return {
        "mode": "absolute",
        "steps": [{"color": first, "value": None}, *({"color": color, "value": value} for value, color in rest)],
    }


def panel(kind, title, description, targets, unit="none", thresholds=None, options=None, custom=None, **more):
    defaults = {"unit": unit, "color": {"mode": "palette-classic"}, "custom": custom or {}, "mappings": []}
    defaults["thresholds"] = thresholds or steps(GREEN)
    for name in ("min", "max", "decimals", "mappings", "noValue"):
        if name in more:
            defaults[name] = more[name]
    if "color" in more:
        defaults["color"] = more["color"]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": targets_of(targets),
        "options": options or {},
        "transformations": more.get("transformations", []),
        "fieldConfig": {"defaults": defaults, "overrides": more.get("overrides", [])},
    }


def colored(pattern, color):
    return {
        "matcher": {"id": "byRegexp", "options": pattern},
        "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
    }


# What succeeds is green and what fails is red, wherever it is drawn.
OUTCOMES = [
    colored("/^(success|2xx|ok|alive|equal|sampled)$/", GREEN),
    colored("/4xx|suspect|under/", YELLOW),
    colored("/5xx|failure|failed|unavailable|dead|timeout/", RED),
    colored("/node_down|recovering/", ORANGE),
]


def series(title, description, unit, targets, stack=False, limit=None, **more):
    """Lines over time. `limit` draws what must not be exceeded."""
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
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area" if graph else "none",
        "textMode": "auto",
        "justifyMode": "auto",
        "orientation": "auto",
        "wideLayout": True,
    }
    return panel(
        "stat",
        title,
        description,
        Target(text, more.pop("legend", "")),
        unit,
        thresholds,
        options,
        color={"mode": "thresholds"},
        **more,
    )


def heatmap(title, description, family, matchers="{@}"):
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


def timeline(title, description, targets, words, color=None):
    """States over time; `words` gives each value a word and a colour."""
    mappings = [
        {
            "type": "value",
            "options": {
                str(value): {"text": word, "color": tone, "index": index}
                for index, (value, word, tone) in enumerate(words)
            },
        }
    ]
    options = {
        "mergeValues": True,
        "showValue": "auto",
        "rowHeight": 0.8,
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return panel(
        "state-timeline",
        title,
        description,
        targets,
        "none",
        options=options,
        custom={"fillOpacity": 75, "lineWidth": 0},
        mappings=mappings,
        color={"mode": "thresholds"},
    )


def table(title, description, text, columns, unit="none", **more):
    """`columns` maps labels (and Value) to headings, in their order; other fields are left out."""
    organize = {
        "id": "organize",
        "options": {
            "excludeByName": {},
            "includeByName": {name: True for name in columns},
            "indexByName": {name: index for index, name in enumerate(columns)},
            "renameByName": columns,
        },
    }
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}, "sortBy": []}
    return panel(
        "table",
        title,
        description,
        Target(text, instant=True, format="table"),
        unit,
        options=options,
        custom={"align": "auto", "filterable": False},
        transformations=[organize],
        **more,
    )


def bars(title, description, unit, text, legend, thresholds=None, **more):
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
    more.setdefault("min", 0)
    return panel("bargauge", title, description, Target(text, legend), unit, thresholds, options, **more)


def node_graph(title, description, nodes, edges):
    rename = {"id": "renameByRegex", "options": {"regex": "Value.*", "renamePattern": "mainstat"}}
    targets = [
        Target(nodes, instant=True, format="table", ref="nodes"),
        Target(edges, instant=True, format="table", ref="edges"),
    ]
    options = {"nodes": {"mainStatUnit": "reqps"}, "edges": {"mainStatUnit": "reqps"}}
    return panel("nodeGraph", title, description, targets, "reqps", options=options, transformations=[rename])


class Board:
    """Panels flow from left to right; `row` begins a new line with a heading."""

    def __init__(self, uid, title, description, variables):
        self.uid, self.title, self.description, self.variables = uid, title, description, variables
        self.panels = []
        self.x = self.y = self.line_height = 0

    def row(self, title):
        self._end_line()
        self._place({"type": "row", "title": title, "collapsed": False, "panels": []}, WIDTH, 1)
        self._end_line()

    def add(self, width, height, made):
        if self.x + width > WIDTH:
            self._end_line()
        self._place(made, width, height)

    def stack(self, width, *made):
        """(height, panel) under each other, in one column of the line."""
        y = self.y
        for height, one in made:
            one["id"] = len(self.panels) + 1
            one["gridPos"] = {"x": self.x, "y": y, "w": width, "h": height}
            self.panels.append(one)
            y += height
        self.x += width
        self.line_height = max(self.line_height, y - self.y)

    def _place(self, made, width, height):
        made["id"] = len(self.panels) + 1
        made["gridPos"] = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.panels.append(made)
        self.x += width
        self.line_height = max(self.line_height, height)

    def _end_line(self):
        self.y += self.line_height
        self.x = self.line_height = 0

    def json(self):
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["hedgehogdb"],
            "schemaVersion": 41,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "5s",
            "time": {"from": "now-15m", "to": "now"},
            "timezone": "browser",
            "fiscalYearStartMonth": 0,
            "timepicker": {"refresh_intervals": ["5s", "10s", "30s", "1m", "5m"]},
            "links": [
                {
                    "type": "dashboards",
                    "tags": ["hedgehogdb"],
                    "title": "HedgehogDB",
                    "asDropdown": False,
                    "keepTime": True,
                    "includeVars": True,
                    "targetBlank": False,
                    "icon": "external link",
                    "tooltip": "",
                    "url": "",
                }
            ],
            "annotations": {"list": ANNOTATIONS},
            "templating": {"list": self.variables},
            "panels": self.panels,
        }


def annotation(name, text, title, color, is_on, by_value=False):
    made = {
        "name": name,
        "enable": is_on,
        "hide": False,
        "iconColor": color,
        "datasource": SOURCE,
        "expr": query(text),
        "step": "5s",
        "titleFormat": title,
        "tagKeys": "node_id",
        "textFormat": "",
    }
    if by_value:
        made["useValueForTime"] = "on"
    return made


ANNOTATIONS = [
    # The value is the time, in milliseconds: the mark stands where the process began, not where it was first scraped.
    annotation("Restarts", "process_start_time_seconds{@} * 1000", "{{node_id}} started", BLUE, True, by_value=True),
    annotation(
        "Stalls", "increase(hedgehog_event_loop_stalls_total{@}[@]) > 0", "{{node_id}} stood still", ORANGE, False
    ),
    annotation("Tables made or dropped", "changes(hedgehog_tables{@}[@]) > 0", "tables changed", PURPLE, False),
]


def source_variable():
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "hide": 0,
        "multi": False,
        "includeAll": False,
        "refresh": 1,
        "regex": "",
        "current": {"text": "Prometheus", "value": "prometheus"},
    }


def label_variable(name, label, text, many=True, all_value=None):
    made = {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": text,
        "hide": 0,
        "query": {"query": text, "refId": f"variable-{name}"},
        "refresh": 2,
        "sort": 1,
        "regex": "",
        "multi": many,
        "includeAll": many,
        "current": {},
        "options": [],
    }
    if many:
        if all_value:
            made["allValue"] = all_value
        made["current"] = {"text": ["All"], "value": ["$__all"]}
    return made


def variables(*more, many_nodes=True):
    return [
        source_variable(),
        label_variable("job", "Job", "label_values(hedgehog_node_info, job)"),
        label_variable("node", "Node", 'label_values(up{job=~"$job"}, node_id)', many=many_nodes),
        *more,
    ]


def table_variable():
    """All of them is also what belongs to no table."""
    text = 'label_values(hedgehog_storage_items{job=~"$job"}, table)'
    return label_variable("table", "Table", text, all_value=".*")
