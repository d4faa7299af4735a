"""Variants of monitoring/prometheus.yml: for a Prometheus without Docker, and with discovery of nodes."""

import os
import re

MONITORING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOST = "host.docker.internal"
DISCOVERY = re.compile(r"^  # - job_name: hedgehogdb\n(?:  #.*\n)+", re.M)
STATIC = re.compile(r"^  - job_name: hedgehogdb\n(?:    .*\n)+", re.M)
TEMPO = re.compile(r"^  - job_name: tempo\n(?:    .*\n)+", re.M)


def committed_config():
    with open(os.path.join(MONITORING, "prometheus.yml"), encoding="utf-8") as file:
        return file.read()


def native_config(targets, rules_folder=os.path.join(MONITORING, "rules"), own_port=9090):
    """Returns the committed configuration with the nodes at `targets` and without the other containers."""
    text = committed_config()
    first, _, rest = STATIC.search(text).group().partition("    static_configs:\n")
    entries = "".join(f'      - targets: ["{target}"]\n        labels: {{node_id: node-{number}}}\n'
                      for number, target in enumerate(targets, 1))
    assert HOST in rest
    text = STATIC.sub(lambda _: first + "    static_configs:\n" + entries, text)
    text = TEMPO.sub("", text).replace("localhost:9090", f"localhost:{own_port}")
    return text.replace("- rules/", f"- {rules_folder}/").rstrip("\n") + "\n"


def discovering_config(text, first, second):
    """Returns `text` with the job of its comment, which discovers nodes from two of them, instead of the static job."""
    other = DISCOVERY.search(text).group().replace("  # ", "  ")
    other = other.replace(f"{HOST}:8081", first).replace(f"{HOST}:8082", second)
    return STATIC.sub(lambda _: other, DISCOVERY.sub("", text)).replace("refresh_interval: 15s", "refresh_interval: 1s")
