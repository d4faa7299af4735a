"""A Prometheus process on a free port."""

import os
import signal
import subprocess
import time
import urllib.request

from harness.node import free_port
from prometheus_api import ask

READY_SECONDS = 30


class PrometheusServer:
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
