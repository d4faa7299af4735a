"""A real Prometheus with our configuration, and what it is asked over its API. Nothing beyond Python's own library."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from node import ROOT, free_port

MONITORING = os.path.join(ROOT, "monitoring")
READY_SECONDS = 30
HOST = "host.docker.internal"
DISCOVERY = re.compile(r"^  # - job_name: hedgehogdb\n(?:  #.*\n)+", re.M)
STATIC = re.compile(r"^  - job_name: hedgehogdb\n(?:    .*\n)+", re.M)
TEMPO = re.compile(r"^  - job_name: tempo\n(?:    .*\n)+", re.M)


class QueryFailed(Exception):
    """Prometheus refused to evaluate; the text is its own."""


def committed_config():
    with open(os.path.join(MONITORING, "prometheus.yml"), encoding="utf-8") as file:
        return file.read()


def native_config(targets, rules_folder=os.path.join(MONITORING, "rules"), own_port=9090):
    """Ours, with the nodes at `targets` and without the containers beside it."""
    text = committed_config()
    first, _, rest = STATIC.search(text).group().partition("    static_configs:\n")
    entries = "".join(f'      - targets: ["{target}"]\n        labels: {{node_id: node-{number}}}\n'
                      for number, target in enumerate(targets, 1))
    assert HOST in rest
    text = STATIC.sub(lambda _: first + "    static_configs:\n" + entries, text)
    text = TEMPO.sub("", text).replace("localhost:9090", f"localhost:{own_port}")
    return text.replace("- rules/", f"- {rules_folder}/").rstrip("\n") + "\n"


def discovering_config(text, first, second):
    """`text` with the other way of finding nodes that it describes in its comment, from two of them."""
    other = DISCOVERY.search(text).group().replace("  # ", "  ")
    other = other.replace(f"{HOST}:8081", first).replace(f"{HOST}:8082", second)
    return STATIC.sub(lambda _: other, DISCOVERY.sub("", text)).replace("refresh_interval: 15s", "refresh_interval: 1s")


class Prometheus:
    def __init__(self, folder, binary="prometheus"):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.binary = folder, binary
        self.port = free_port()
        self.config_path = os.path.join(folder, "prometheus.yml")
        self.log_path = os.path.join(folder, "log")
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, config):
        self._write(config)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, f"--config.file={self.config_path}", f"--web.listen-address=127.0.0.1:{self.port}",
                 f"--storage.tsdb.path={self.folder}/series", "--enable-feature=exemplar-storage",
                 "--web.enable-remote-write-receiver"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"Prometheus did not start; the end of its log:\n{self.log_tail()}")
            time.sleep(0.05)

    def reload(self, config):
        self._write(config)
        self.process.send_signal(signal.SIGHUP)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def log_tail(self, line_count=10):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-line_count:])

    def _write(self, config):
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(config)

    def _is_ready(self):
        try:
            with urllib.request.urlopen(self.url + "/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def ask(self, path, **parameters):
        return ask(self.url, path, **parameters)


def ask(url, path, **parameters):
    """The `data` of an answer of the API."""
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
    """One line: its labels, and (time, value) pairs without the values that are no numbers."""

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
    """Those with any number in them."""
    found = ask(url, "query_range", query=text, start=start, end=end, step=step)["result"]
    return [series for series in map(Series, found) if series.points]
