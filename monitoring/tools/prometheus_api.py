"""Queries of the HTTP API of Prometheus. Uses Python's standard library only."""

import json
import urllib.error
import urllib.parse
import urllib.request


class QueryFailed(Exception):
    """Prometheus refused to evaluate an expression. The text is its error message."""


def ask(url, path, **parameters):
    """Returns the `data` of a response of the API."""
    query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/{path}{query}", timeout=30) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        body = error.read().decode("utf-8", "replace")
        try:
            body = json.loads(body)["error"]
        except (ValueError, KeyError):
            pass
        raise QueryFailed(body) from None


class Series:
    """One time series: its labels, and (time, value) pairs. Values that are not finite numbers are left out."""

    def __init__(self, result):
        self.labels = result["metric"]
        pairs = result["values"] if "values" in result else [result["value"]]
        self.points = [(when, float(value)) for when, value in pairs if value not in ("NaN", "+Inf", "-Inf")]

    @property
    def last(self):
        return self.points[-1][1]

    @property
    def highest(self):
        return max(value for _, value in self.points)


def series_over(url, text, start, end, step):
    """Evaluates a range query and returns the series that have at least one number."""
    found = ask(url, "query_range", query=text, start=start, end=end, step=step)["result"]
    return [series for series in map(Series, found) if series.points]
