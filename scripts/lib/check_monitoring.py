"""Dashboards, rules and alerts against a real cluster; scripts/check-monitoring runs it and says what it proves."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import network
from client import Unanswered
from members import Members
from monitoring_faults import CONNECTIONS, HINT_BUDGET, TABLES_SHOWN, Disk, Faults
from monitoring_load import TABLES, Load, put_all
from node import ROOT, NodeFailure, free_port
from prometheus import MONITORING, Prometheus, QueryFailed, discovering_config, native_config, series_over
from promql import board_questions, filled, rule_questions
from verdicts import Verdicts

NODES = 3
QUIET_SECONDS = int(os.environ.get("QUIET", "30"))
SETTLE_SECONDS = 6
ALERT_SECONDS = 30
EXPORT_SECONDS = 10
SHORTEST_FOR_SECONDS = 2
SECONDS = {"s": 1, "m": 60, "h": 3600}
STEP_SECONDS = 2
RATE_SECONDS = 20
SINK = os.environ.get("OTLP_SINK", os.path.join(ROOT, "scripts/otlp-sink"))
UNAVOIDABLE = {"HedgehogWatchdog"}
ENVIRONMENT = {"HEDGEHOG_METRICS_MAX_TABLES": str(TABLES_SHOWN), "HEDGEHOG_TRACE_MAX_PER_SECOND": "20",
               "OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_BSP_EXPORT_TIMEOUT": "2000",
               "OTEL_EXPORTER_OTLP_TIMEOUT": "1000"}
FLAGS = ["--log-format", "json", "--access-log", "errors", "--slow-ms", "5", "--failure-timeout-ms", "2000",
         "--heartbeat-interval-ms", "300", "--anti-entropy-interval-ms", "2000", "--hint-budget", HINT_BUDGET,
         "--max-connections", str(CONNECTIONS)]


def say(line=""):
    print(line, flush=True)


def shortened(match):
    """A minute becomes a second."""
    amount, unit = match.group(2), match.group(3)
    return f"{match.group(1)} {max(SHORTEST_FOR_SECONDS, int(amount) * SECONDS[unit] // 60)}s"


class Sink:
    """The collector: what it received lies in a file."""

    def __init__(self, folder, host):
        self.path = os.path.join(folder, "spans.jsonl")
        self.port = free_port()
        self.endpoint = f"http://{host}:{self.port}"
        self.log_path = os.path.join(folder, "sink.log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([SINK, "--host", host, "--port", str(self.port), self.path],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def traces(self):
        """Ids of those of which it received any span."""
        try:
            with open(self.path, encoding="utf-8") as file:
                return set(re.findall(r'"trace_id": ?"([0-9a-f]{32})"', file.read()))
        except OSError:
            return set()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class AlertWatch:
    """When each alert first fired, and what it said. One about a node counts as `Name@node-2` too."""

    def __init__(self, prometheus):
        self.prometheus = prometheus
        self.fired = {}
        self.words = {}
        self.seen = set()
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
                self.seen.add(name)
                self.words[name] = alert["annotations"]
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


class Check:
    def __init__(self, seed):
        self.folder = tempfile.mkdtemp(prefix="hedgehog-monitoring-")
        self.verdicts = Verdicts()
        self.network = network.Network(NODES)
        self.disk = Disk(os.path.join(self.folder, "node-1"))
        host = network.HUB if self.network.can_cut else "127.0.0.1"
        self.sink = Sink(self.folder, host) if os.path.exists(SINK) else None
        for name, value in ENVIRONMENT.items():
            os.environ[name] = value
        if self.sink:
            os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.sink.endpoint
        self.members = Members(self.folder, hosts=self.network.hosts, clocks=True, flags=FLAGS)
        self.targets = [node.host_port for node in self.members.nodes]
        self.prometheus = Prometheus(os.path.join(self.folder, "prometheus"))
        self.load = Load(self.members.nodes, seed)
        self.watch = None
        self.started = time.time()

    def run(self):
        self.members.form()
        for table in TABLES:
            self.members.make_table(table)
            put_all(self.members.nodes[0], table)
        self.prometheus.start(self._config())
        self.watch = AlertWatch(self.prometheus)
        self.started = time.time()
        self.load.start()
        say(f"check-monitoring: {NODES} nodes at {', '.join(self.targets)}, Prometheus at {self.prometheus.url}; "
            f"logs and series in {self.folder}")
        self._quiet()
        self._all_up()
        self._exemplars()
        self._faults()
        self.load.stop()
        say(f"  answers by status: {self.load.statuses()}")
        self._questions()
        self._words()
        self._pictures()
        self._discovery()
        self.watch.stop()
        return self.verdicts.all_kept

    def end(self):
        self.members.end()
        self.prometheus.end()
        if self.sink:
            self.sink.end()
        self.disk.release()

    def _config(self):
        """As committed, but for addresses, a second between scrapes, and how long alerts wait."""
        rules = os.path.join(self.folder, "rules")
        os.makedirs(rules, exist_ok=True)
        for name in ("recording.yml", "alerts.yml"):
            with open(os.path.join(MONITORING, "rules", name), encoding="utf-8") as file:
                text = re.sub(r"^( +for:) (\d+)([smh])$", shortened, file.read(), flags=re.M)
            with open(os.path.join(rules, name), "w", encoding="utf-8") as file:
                file.write(text)
        config = native_config(self.targets, rules, self.prometheus.port)
        return config.replace("interval: 5s", "interval: 1s").replace("timeout: 4s", "timeout: 1s")

    def _quiet(self):
        time.sleep(QUIET_SECONDS)
        fired = sorted(name for name in self.watch.fired if name not in UNAVOIDABLE)
        self.verdicts.judge(not fired, f"in {QUIET_SECONDS} s of load without a fault no alert fires "
                            f"{', '.join(fired)}".rstrip())
        self.verdicts.judge("HedgehogWatchdog" in self.watch.fired, "the watchdog fires")

    def _all_up(self):
        up = {series.labels["node_id"]: series.last
              for series in series_over(self.prometheus.url, 'up{job="hedgehogdb"}', time.time() - 10, time.time(), 1)}
        wanted = {node.node_id: 1.0 for node in self.members.nodes}
        self.verdicts.judge(up == wanted, f"up is 1 for all nodes: {up}")

    def _exemplars(self):
        if self.sink is None:
            self.verdicts.judge(False, "exemplars: there is no scripts/otlp-sink to receive traces")
            return
        for family in ("hedgehog_http_request_duration_seconds_bucket",
                       "hedgehog_replication_send_duration_seconds_bucket",
                       "hedgehog_replication_received_duration_seconds_bucket"):
            found = self.prometheus.ask("query_exemplars", query=family, start=self.started, end=time.time())
            traces = {exemplar["labels"].get("trace_id", "") for series in found for exemplar in series["exemplars"]}
            missing = self._not_collected(traces)
            self.verdicts.judge(
                traces and not missing, f"{len(traces)} traces stand beside {family}, {len(traces & self.load.traces)} "
                f"of them begun by a client; {len(traces) - len(missing)} reached the collector")

    def _not_collected(self, traces):
        """Spans are exported in batches, so the last ones are waited for."""
        deadline = time.monotonic() + EXPORT_SECONDS
        while True:
            missing = traces - self.sink.traces()
            if not missing or time.monotonic() > deadline:
                return missing
            time.sleep(0.2)

    def _faults(self):
        faults = Faults(self.members, self.network, self.disk, self.sink, say)
        fired_in_time = 0
        for fault in faults.all():
            before = set(self.watch.fired)
            began = time.monotonic()
            say(f"fault: {fault.name}")
            fault.begin()
            time.sleep(fault.lasts_seconds)
            for name in fault.alerts:
                fired = self.watch.wait_for(name, ALERT_SECONDS)
                after = f"after {self.watch.fired[name] - began:.1f} s" if fired else f"not within {ALERT_SECONDS} s"
                is_new = name not in before
                self.verdicts.judge(fired and is_new, f"{name} fires {after if is_new else 'but did so before'}")
                fired_in_time += fired and is_new
            if fault.end is not None:
                fault.end()
                faults.wait_until_mended()
        self.verdicts.judge(fired_in_time >= 8, f"{fired_in_time} alerts fired in their own fault")
        time.sleep(SETTLE_SECONDS)

    def _questions(self):
        """Every expression over the whole run, and the table of what came back."""
        known = set(self.prometheus.ask("label/__name__/values"))
        end = time.time()
        rows, empty = [], []
        for question in [*board_questions(), *rule_questions()]:
            text = filled(question.text, rate_interval=f"{RATE_SECONDS}s", range="5m", job="hedgehogdb",
                          node="node-1" if question.board == "ring" else ".*", table=".*")
            try:
                found = series_over(self.prometheus.url, text, self.started, end, STEP_SECONDS)
            except QueryFailed as refusal:
                self.verdicts.judge(False, f"{question.board} / {question.title}: {refusal}")
                continue
            rows.append((question, found))
            if not found and not question.looks_far_back:
                missing = sorted({name for name in re.findall(r"\bhedgehog_\w+", text) if ":" not in name} - known)
                why = f"no node shows {', '.join(missing)}" if missing else text
                empty.append(f"{question.board} / {question.title}: {why}")
        self._print_table(rows)
        for line in empty:
            say(f"  EMPTY {line}")
        self.verdicts.judge(not empty, f"{len(rows)} expressions evaluated, {len(empty)} found nothing")

    @staticmethod
    def _print_table(rows):
        say(f"  {'where':12} {'panel or rule':52} {'series':>6} {'highest':>12}")
        for question, found in rows:
            value = f"{max(series.highest for series in found):.6g}" if found else "-"
            say(f"  {question.board[:12]:12} {question.title[:52]:52} {len(found):6} {value:>12}")

    def _words(self):
        broken = [f"{name}: {text}" for name, words in self.watch.words.items() for text in words.values()
                  if "<" in text or "%!" in text]
        self.verdicts.judge(not broken, f"what {len(self.watch.words)} alerts say can be read {broken or ''}")

    def _pictures(self):
        folder = os.environ.get("PICTURES")
        if not folder:
            return
        done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts/lib/render_dashboards.py"),
                               self.prometheus.url, folder, "--start", str(self.started), "--end", str(time.time()),
                               "--rate-interval", f"{RATE_SECONDS}s", "--node", "ring=node-1"],
                              capture_output=True, text=True, check=False)
        self.verdicts.judge(done.returncode == 0, f"dashboards are drawn in {folder} {done.stderr.strip()[-500:]}")

    def _discovery(self):
        """The other way of finding nodes, as the comment in prometheus.yml has it."""
        config = discovering_config(self._config(), *self.targets[:2])
        self.prometheus.reload(config)
        wanted = {(node.node_id, node.host_port) for node in self.members.nodes}
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
        self.verdicts.judge(found == wanted, f"/sd/prometheus lets Prometheus find all nodes: {sorted(found)}")


def main():
    network.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    began = time.monotonic()
    check = Check(seed)
    is_good = False
    try:
        is_good = check.run()
    except (NodeFailure, OSError, Unanswered, QueryFailed, json.JSONDecodeError) as failure:
        say(f"check-monitoring: {failure}")
    finally:
        check.end()
    say(f"check-monitoring: {'passed' if is_good else 'FAILED'} in {time.monotonic() - began:.0f} s (SEED={seed})")
    if is_good and not os.environ.get("KEEP"):
        shutil.rmtree(check.folder, ignore_errors=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
