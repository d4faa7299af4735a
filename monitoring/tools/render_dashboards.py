"""Draws every dashboard with data of a Prometheus as an HTML page, and takes a picture of it with Chromium."""

import argparse
import os
import shutil
import subprocess
import sys
import time

from dashboard_queries import boards, filled
from panel_drawings import DRAWINGS, escaped, period_step
from prometheus_api import QueryFailed, Series, ask, series_over

CELL_WIDTH, CELL_HEIGHT, GAP = 66, 38, 8
HEAD, TITLE, PADDING = 64, 28, 8
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STYLE = """
body{margin:0;background:#111217;color:#ccccdc;font:13px Inter,'DejaVu Sans',sans-serif}
h1{font-size:19px;font-weight:500;margin:14px 16px 2px} h1 small{color:#8e8e99;font-size:13px;margin-left:12px}
.row,.panel{position:absolute;box-sizing:border-box}
.row{font-size:15px;font-weight:500;padding:10px 4px;color:#e0e0ea}
.panel{background:#181b1f;border:1px solid #25282f;border-radius:3px;overflow:hidden;padding:0 6px}
.panel h2{font-size:13px;font-weight:500;margin:6px 4px 3px;height:19px;white-space:nowrap;overflow:hidden}
.grid{stroke:#25282f;stroke-width:1}.tick{fill:#9a9aa7;font-size:11px}.limit{stroke:#F2495C;stroke-dasharray:6 5}
.mark{stroke:#5794F2;stroke-dasharray:3 4;stroke-opacity:.8}.state{fill:#111217;font-size:11px}
.node{fill:#fff;font-size:13px;font-weight:600;text-anchor:middle}.name{fill:#b8b8c6;font-size:12px;text-anchor:middle}
.legend{display:grid;column-gap:18px;padding:0 8px;font-size:11.5px;line-height:17px}
.entry{display:flex;overflow:hidden;white-space:nowrap}.entry b{font-weight:400;flex:1;overflow:hidden}
.entry span{width:66px;text-align:right}.entry i{width:12px;height:3px;margin:7px 7px 0 0;flex:none}
.head{color:#6e9fff;font-size:11px}.nothing{display:flex;align-items:center;justify-content:center;color:#8e8e99}
table{width:100%;border-collapse:collapse;font-size:12.5px}th{color:#6e9fff;text-align:left;font-weight:500}
th,td{padding:3px 8px;border-bottom:1px solid #25282f;height:18px}
"""


class Source:
    """The Prometheus, the time range and the values of variables."""

    def __init__(self, given):
        self.url = given.url.rstrip("/")
        self.end = given.end or time.time()
        self.start = given.start or self.end - 900
        self.rate_interval = given.rate_interval
        self.nodes = dict(pair.split("=", 1) for pair in given.node)
        self.refused = []

    @property
    def period(self):
        return self.start, self.end

    def answers(self, name, panel):
        """Returns (target, its series) for every target of a panel."""
        return [(target, self._series(name, panel["title"], target["expr"], target.get("instant")))
                for target in panel["targets"]]

    def marks(self, name, board):
        """Returns the times of annotations in seconds. The values of their series are times in milliseconds."""
        times = []
        for mark in board["annotations"]["list"]:
            if mark["enable"] and mark.get("useValueForTime"):
                for series in self._series(name, mark["name"], mark["expr"], False):
                    times += {value / 1000 for _, value in series.points}
        return sorted(set(times))

    def _series(self, name, title, text, is_instant):
        text = filled(text, rate_interval=self.rate_interval, range=f"{int(self.end - self.start)}s", job="hedgehogdb",
                      node=self.nodes.get(name, ".*"), table=".*")
        try:
            if is_instant:
                found = map(Series, ask(self.url, "query", query=text, time=self.end)["result"])
                return [series for series in found if series.points]
            return series_over(self.url, text, self.start, self.end, period_step(self.period))
        except QueryFailed as refusal:
            self.refused.append(f"{name} / {title}: {refusal}")
            return []


def place(panel):
    grid = panel["gridPos"]
    return (16 + grid["x"] * CELL_WIDTH, HEAD + grid["y"] * CELL_HEIGHT, grid["w"] * CELL_WIDTH - GAP,
            grid["h"] * CELL_HEIGHT - GAP)


def drawn(source, name, panel, marks):
    x, y, width, height = place(panel)
    box = f'style="left:{x}px;top:{y}px;width:{width}px;height:{height}px"'
    title = panel["title"].replace("$node", source.nodes.get(name, "all nodes"))
    if panel["type"] == "row":
        return f'<div class="row" {box}>⌄ {escaped(title)}</div>'
    inner = DRAWINGS[panel["type"]](panel, source.answers(name, panel), width - 2 * PADDING, height - TITLE - 6,
                                    source.period, marks)
    return f'<div class="panel" {box} title="{escaped(panel["description"])}"><h2>{escaped(title)}</h2>{inner}</div>'


def page(source, name, board):
    marks = source.marks(name, board)
    panels = "".join(drawn(source, name, panel, marks) for panel in board["panels"])
    shown = " to ".join(time.strftime("%H:%M:%S", time.localtime(when)) for when in source.period)
    return (f'<!doctype html><meta charset="utf-8"><title>{escaped(board["title"])}</title><style>{STYLE}</style>'
            f'<h1>{escaped(board["title"])}<small>{escaped(board["description"])} &nbsp; {shown}</small></h1>{panels}')


def height_of(board):
    return HEAD + 12 + max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) * CELL_HEIGHT


def pictured(browser, path, board):
    picture = path.replace(".html", ".png")
    profile = path + ".profile"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
               f"--user-data-dir={profile}", f"--window-size={32 + 24 * CELL_WIDTH},{height_of(board)}",
               f"--screenshot={picture}", "file://" + os.path.abspath(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    if done.returncode != 0 or not os.path.exists(picture):
        raise OSError(f"{browser} could not take a picture of {path}: {done.stderr.strip()[-400:]}")
    return picture


def main():
    parser = argparse.ArgumentParser(prog="render-dashboards", description=__doc__)
    parser.add_argument("url", help="address of the Prometheus, such as http://localhost:9090")
    parser.add_argument("folder", help="folder for pages and pictures")
    parser.add_argument("--start", type=float, help="start in seconds since 1970 (15 minutes before the end)")
    parser.add_argument("--end", type=float, help="end in seconds since 1970 (now)")
    parser.add_argument("--rate-interval", default="30s", help="value of $__rate_interval (30s)")
    parser.add_argument("--node", action="append", default=[], metavar="BOARD=NODE",
                        help="value of the variable node for one dashboard, such as ring=node-1")
    given = parser.parse_args()
    source = Source(given)
    os.makedirs(given.folder, exist_ok=True)
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    for name, board in boards():
        path = os.path.join(given.folder, name + ".html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(page(source, name, board))
        print(pictured(browser, path, board) if browser else path)
    if not browser:
        print("render-dashboards: wrote pages only; pictures need Chromium (scripts/setup --with pictures)")
    for line in source.refused:
        print(f"render-dashboards: {line}", file=sys.stderr)
    return 1 if source.refused else 0


if __name__ == "__main__":
    sys.exit(main())
