"""A dashboard: the layout of its panels, its variables and its annotations."""

from board.panels import BLUE, ORANGE
from board.queries import SOURCE, query

WIDTH = 24
PURPLE = "purple"


class Board:
    """Places panels from left to right in lines of 24 grid units; `row` starts a new line with a heading."""

    def __init__(self, uid, title, description, variables):
        self.uid, self.title, self.description, self.variables = uid, title, description, variables
        self.panels = []
        self.x = self.y = self.line_height = 0

    def row(self, title):
        self._end_line()
        self.stack(WIDTH, (1, {"type": "row", "title": title, "collapsed": False, "panels": []}))
        self._end_line()

    def add(self, width, height, *panels):
        """Adds panels of one size, and starts a new line when the current one is full."""
        for one in panels:
            if self.x + width > WIDTH:
                self._end_line()
            self.stack(width, (height, one))

    def stack(self, width, *panels):
        """Adds a column of (height, panel), one below the other."""
        offset = 0
        for height, one in panels:
            one["id"] = len(self.panels) + 1
            one["gridPos"] = {"x": self.x, "y": self.y + offset, "w": width, "h": height}
            self.panels.append(one)
            offset += height
        self.x += width
        self.line_height = max(self.line_height, offset)

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
    """Marks on the time axis where the expression has a value. `is_on` shows them until somebody hides them."""
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


STALLS = "increase(hedgehog_event_loop_stalls_total{@}[@]) > 0"
ANNOTATIONS = [
    # The expression of the restart annotation has the process start time, in milliseconds, as its value. Grafana places
    # the mark at that time and not at the first scrape after the start.
    annotation("Restarts", "process_start_time_seconds{@} * 1000", "{{node_id}} started", BLUE, True, by_value=True),
    annotation("Event loop stalls", STALLS, "event loop of {{node_id}} stalled", ORANGE, False),
    annotation("Tables created or deleted", "changes(hedgehog_tables{@}[@]) > 0", "tables changed", PURPLE, False),
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
    """The variables that every dashboard has: data source, job and node; then `more`."""
    return [
        source_variable(),
        label_variable("job", "Job", "label_values(hedgehog_node_info, job)"),
        label_variable("node", "Node", 'label_values(up{job=~"$job"}, node_id)', many=many_nodes),
        *more,
    ]


def table_variable():
    """The value "All" is `.*`, which also matches series without a table."""
    text = 'label_values(hedgehog_storage_items{job=~"$job"}, table)'
    return label_variable("table", "Table", text, all_value=".*")
