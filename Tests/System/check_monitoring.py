"""Runs three nodes and a real Prometheus with our configuration and rules, under load and faults.

The faults fill the panels of errors: a node killed, a link cut, the majority lost, a node frozen, a clock moved, a disk
filled, too many clients, too many tables, the trace collector stopped. The test fails if
  - lint-monitoring finds a fault;
  - an alert fires during the quiet time at the start, or does not fire in its own fault;
  - an expression of a panel, an annotation, a recording rule or an alert is refused, or has no result in the whole run
    (comparisons of alerts are removed first; windows of more than ten minutes are left to promtool);
  - a node is not scraped, or Prometheus does not find all of them through /sd/prometheus;
  - exemplars lead to no trace that the collector received.
PICTURES draws every dashboard from the data of this run. The `for` of an alert is a second for every minute, and at
least two seconds; nothing else of the rules changes.
"""

import os
import re
import subprocess
import sys
import threading
import time

from dashboard_queries import board_questions, filled, rule_questions
from faults import network
from faults.monitoring_faults import CONNECTIONS, HINT_BUDGET, TABLES_SHOWN, Disk, MonitoringFaults
from harness.checks import require
from harness.cluster import Cluster
from harness.node import ROOT
from harness.prometheus_server import PrometheusServer
from harness.traces import Collector
from prometheus_api import QueryFailed, series_over
from prometheus_config import MONITORING, discovering_config, native_config
from workloads.monitoring_load import TABLES, Load, put_all

NODES = 3
SETTLE_SECONDS = 6
ALERT_SECONDS = 30
MINIMUM_ALERTS = 8
EXPORT_SECONDS = 10
SHORTEST_FOR_SECONDS = 2
SECONDS = {"s": 1, "m": 60, "h": 3600}
STEP_SECONDS = 2
RATE_SECONDS = 20
# The alert that fires always, which shows that alerting works.
ALWAYS_FIRING = {"HedgehogWatchdog"}
ENVIRONMENT = {"HEDGEHOG_METRICS_MAX_TABLES": str(TABLES_SHOWN), "HEDGEHOG_TRACE_MAX_PER_SECOND": "20",
               "OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_BSP_EXPORT_TIMEOUT": "2000",
               "OTEL_EXPORTER_OTLP_TIMEOUT": "1000"}
FLAGS = ["--log-format", "json", "--access-log", "errors", "--slow-ms", "5", "--failure-timeout-ms", "2000",
         "--heartbeat-interval-ms", "300", "--anti-entropy-interval-ms", "2000", "--hint-budget", HINT_BUDGET,
         "--max-connections", str(CONNECTIONS)]


def shortened(match):
    """Converts the minutes of a `for` to seconds."""
    amount, unit = match.group(2), match.group(3)
    return f"{match.group(1)} {max(SHORTEST_FOR_SECONDS, int(amount) * SECONDS[unit] // 60)}s"


class AlertWatch:
    """Records when each alert first fired, and its annotations. An alert about a node also counts as `Name@node-2`."""

    def __init__(self, prometheus):
        self.prometheus = prometheus
        self.fired = {}
        self.annotations = {}
        self.is_stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        self.is_stopped.set()
        self.thread.join()

    def _run(self):
        while not self.is_stopped.wait(0.3):
            try:
                alerts = self.prometheus.ask("alerts")["alerts"]
            except (OSError, QueryFailed, ValueError):
                continue
            for alert in alerts:
                name = alert["labels"]["alertname"]
                self.annotations[name] = alert["annotations"]
                if alert["state"] == "firing":
                    self.fired.setdefault(name, time.monotonic())
                    for about in ("node_id", "target_node"):
                        if about in alert["labels"]:
                            self.fired.setdefault(f"{name}@{alert['labels'][about]}", time.monotonic())

    def wait_for(self, name, seconds):
        deadline = time.monotonic() + seconds
        while name not in self.fired and time.monotonic() < deadline:
            time.sleep(0.1)
        return name in self.fired


class CheckMonitoring:
    def __init__(self, test):
        self.test, self.checks, self.say = test, test.checks, test.say
        self.network = network.Network(NODES)
        self.disk = Disk(os.path.join(test.folder, "node-1"))
        test.at_end(self.disk.release)
        self.collector = Collector(test.folder, network.HUB if self.network.can_cut else "127.0.0.1")
        test.at_end(self.collector.end)
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.collector.url
        self.prometheus = PrometheusServer(os.path.join(test.folder, "prometheus"))
        test.at_end(self.prometheus.end)
        self.cluster = Cluster(test.folder, hosts=self.network.hosts, clocks=True, flags=FLAGS)
        test.at_end(self.cluster.end)
        self.targets = [node.host_port for node in self.cluster.nodes]
        self.load = Load(self.cluster.nodes, str(test.values.seed))
        self.watch = None
        self.started = time.time()

    def run(self):
        self.cluster.start_all()
        for table in TABLES:
            self.cluster.make_table(table)
            put_all(self.cluster.nodes[0], table)
        self.prometheus.start(self._config())
        self.watch = AlertWatch(self.prometheus)
        self.started = time.time()
        self.load.start()
        self.say(f"  {NODES} nodes at {', '.join(self.targets)}, Prometheus at {self.prometheus.url}")
        self._check_quiet_time()
        self._check_scrapes()
        self._check_exemplars()
        self._check_faults()
        self.load.stop()
        self.say(f"  responses by status: {self.load.statuses()}")
        self._check_questions()
        self._check_texts()
        self._draw_dashboards()
        self._check_discovery()
        self.watch.stop()

    def _config(self):
        """Returns the committed configuration with our addresses, a scrape each second and short waits of alerts."""
        rules = os.path.join(self.test.folder, "rules")
        os.makedirs(rules, exist_ok=True)
        for name in ("recording.yml", "alerts.yml"):
            with open(os.path.join(MONITORING, "rules", name), encoding="utf-8") as file:
                text = re.sub(r"^( +for:) (\d+)([smh])$", shortened, file.read(), flags=re.M)
            with open(os.path.join(rules, name), "w", encoding="utf-8") as file:
                file.write(text)
        config = native_config(self.targets, rules, self.prometheus.port)
        return config.replace("interval: 5s", "interval: 1s").replace("timeout: 4s", "timeout: 1s")

    def _check_quiet_time(self):
        seconds = self.test.values.quiet
        time.sleep(seconds)
        fired = sorted(name for name in self.watch.fired if name not in ALWAYS_FIRING)
        self.checks.expect(not fired, f"in {seconds} s of load without a fault no alert fires "
                           f"{', '.join(fired)}".rstrip())
        self.checks.expect("HedgehogWatchdog" in self.watch.fired, "the watchdog fires")

    def _check_scrapes(self):
        up = {series.labels["node_id"]: series.last
              for series in series_over(self.prometheus.url, 'up{job="hedgehogdb"}', time.time() - 10, time.time(), 1)}
        wanted = {node.node_id: 1.0 for node in self.cluster.nodes}
        self.checks.expect(up == wanted, f"all nodes are scraped: {up}")

    def _check_exemplars(self):
        for family in ("hedgehog_http_request_duration_seconds_bucket",
                       "hedgehog_replication_send_duration_seconds_bucket",
                       "hedgehog_replication_received_duration_seconds_bucket"):
            found = self.prometheus.ask("query_exemplars", query=family, start=self.started, end=time.time())
            traces = {exemplar["labels"].get("trace_id", "") for series in found for exemplar in series["exemplars"]}
            missing = self._not_collected(traces)
            self.checks.expect(
                traces and not missing, f"{family} has exemplars of {len(traces)} traces, "
                f"{len(traces & self.load.traces)} of them started by a client; {len(traces) - len(missing)} reached "
                "the collector")

    def _not_collected(self, traces):
        """Returns the traces that the collector did not receive in time. Spans are exported in batches."""
        deadline = time.monotonic() + EXPORT_SECONDS
        while True:
            missing = traces - {span["trace_id"] for span in self.collector.spans()}
            if not missing or time.monotonic() > deadline:
                return missing
            time.sleep(0.2)

    def _check_faults(self):
        faults = MonitoringFaults(self.cluster, self.network, self.disk, self.collector, self.say)
        fired_in_time = 0
        for fault in faults.all():
            before = set(self.watch.fired)
            began = time.monotonic()
            self.say(f"fault: {fault.name}")
            fault.begin()
            time.sleep(fault.lasts_seconds)
            for name in fault.alerts:
                fired = self.watch.wait_for(name, ALERT_SECONDS)
                after = f"after {self.watch.fired[name] - began:.1f} s" if fired else f"not within {ALERT_SECONDS} s"
                is_new = name not in before
                self.checks.expect(fired and is_new, f"{name} fires {after if is_new else 'before its fault'}")
                fired_in_time += fired and is_new
            if fault.end is not None:
                fault.end()
                faults.wait_until_recovered()
        self.checks.expect(fired_in_time >= MINIMUM_ALERTS, f"{fired_in_time} alerts fired in their own fault "
                           f"(at least {MINIMUM_ALERTS})")
        time.sleep(SETTLE_SECONDS)

    def _check_questions(self):
        """Evaluates every expression over the whole run and prints a table of the results."""
        known = set(self.prometheus.ask("label/__name__/values"))
        end = time.time()
        rows, empty = [], []
        for question in [*board_questions(), *rule_questions()]:
            text = filled(question.text, rate_interval=f"{RATE_SECONDS}s", range="5m", job="hedgehogdb",
                          node="node-1" if question.board == "ring" else ".*", table=".*")
            try:
                found = series_over(self.prometheus.url, text, self.started, end, STEP_SECONDS)
            except QueryFailed as refusal:
                self.checks.expect(False, f"{question.board} / {question.title}: {refusal}")
                continue
            rows.append((question, found))
            if not found and not question.looks_far_back:
                missing = sorted({name for name in re.findall(r"\bhedgehog_\w+", text) if ":" not in name} - known)
                why = f"no node has {', '.join(missing)}" if missing else text
                empty.append(f"{question.board} / {question.title}: {why}")
        self._print_table(rows)
        for line in empty:
            self.say(f"  EMPTY {line}")
        self.checks.expect(not empty, f"{len(rows)} expressions evaluated, {len(empty)} without a result")

    def _print_table(self, rows):
        self.say(f"  {'where':12} {'panel or rule':52} {'series':>6} {'highest':>12}")
        for question, found in rows:
            value = f"{max(series.highest for series in found):.6g}" if found else "-"
            self.say(f"  {question.board[:12]:12} {question.title[:52]:52} {len(found):6} {value:>12}")

    def _check_texts(self):
        broken = [f"{name}: {text}" for name, texts in self.watch.annotations.items()
                  for text in texts.values()
                  if "<" in text or "%!" in text]
        self.checks.expect(not broken, f"the texts of {len(self.watch.annotations)} alerts have all their values "
                           f"{broken or ''}")

    def _draw_dashboards(self):
        folder = self.test.values.pictures
        if not folder:
            return
        done = subprocess.run([sys.executable, os.path.join(ROOT, "monitoring/tools/render_dashboards.py"),
                               self.prometheus.url, folder, "--start", str(self.started), "--end", str(time.time()),
                               "--rate-interval", f"{RATE_SECONDS}s", "--node", "ring=node-1"],
                              capture_output=True, text=True, check=False)
        self.checks.expect(done.returncode == 0, f"dashboards are drawn in {folder} {done.stderr.strip()[-500:]}")

    def _check_discovery(self):
        """Checks the other way of finding nodes, which a comment of prometheus.yml describes."""
        config = discovering_config(self._config(), *self.targets[:2])
        self.prometheus.reload(config)
        wanted = {(node.node_id, node.host_port) for node in self.cluster.nodes}
        deadline = time.monotonic() + ALERT_SECONDS
        found = set()
        while time.monotonic() < deadline:
            active = self.prometheus.ask("targets", state="active")["activeTargets"]
            found = {(target["labels"].get("node_id"), target["labels"]["instance"]) for target in active
                     if "/sd/prometheus" in target["discoveredLabels"].get("__meta_url", "")
                     and target["health"] == "up"}
            if found == wanted:
                break
            time.sleep(0.2)
        self.checks.expect(found == wanted, f"Prometheus finds all nodes through /sd/prometheus: {sorted(found)}")


def run(test):
    for name, value in ENVIRONMENT.items():
        os.environ[name] = value
    lint = subprocess.run([os.path.join(ROOT, "monitoring/tools/lint-monitoring")], check=False)
    require(lint.returncode == 0, "lint-monitoring finds no fault")
    if test.values.pictures:
        subprocess.run([os.path.join(ROOT, "scripts/setup"), "--with", "pictures"], check=True)
    CheckMonitoring(test).run()
