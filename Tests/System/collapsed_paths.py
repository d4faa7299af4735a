"""Deletes items with hostile keys through the HTTP clients of this machine, which normalise paths in different ways.

Each client sends DELETE for the path of every key, in several spellings. The test fails if a table that has items is
deleted, or if an item is deleted whose key was not sent. It prints one line per client with the answers it received.
"""

import http.client
import shutil
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from urllib.parse import quote

from harness.checks import require
from harness.node import Node

TABLES = ["t", "u", "items", "count"]
KEYS = [".", "..", "../", "./", "../..", "../../", "../../u", "../../u/", "/..", "//..", "a/..", "a/../..", "a/../../",
        "../items", "../count", "..;x", "..\\", "\\..", "..\\..\\u", "%2e%2e", ".%2e", "..%2f", "../../../tables/u"]
NAMES = ["t", ".", "..", ""]
TIMEOUT_SECONDS = 60
NODE_SCRIPT = """
const text = require('fs').readFileSync(0, 'utf8').split('\\n').filter(line => line)
;(async () => {
  for (const url of text) {
    const status = await fetch(url, {method: 'DELETE'}).then(answer => answer.status, () => 'error')
    console.log(status)
  }
})()
"""


def spellings(key):
    """Returns the key as a careless client, a careful one and two that encode all of it write it."""
    whole = "".join(f"%{byte:02X}" for byte in key.encode())
    return [quote(key, safe="/;\\"), quote(key, safe=""), whole, whole.replace("%", "%25")]


def targets():
    paths = [f"/api/v1/tables/{name}/items/{spelling}" for name in NAMES for key in KEYS for spelling in spellings(key)]
    return list(dict.fromkeys(paths))


def ask_python(node, target):
    connection = http.client.HTTPConnection(*node.address, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("DELETE", target)
        return connection.getresponse().status
    finally:
        connection.close()


def ask_urllib(node, target):
    request = urllib.request.Request(f"http://{node.host_port}{target}", method="DELETE")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def lines_of(command, text):
    answer = subprocess.run(command, input=text, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    return answer.stdout.split()


def by_curl(node, paths, flags):
    config = "next\n".join(f'url = "http://{node.host_port}{path}"\nrequest = DELETE\noutput = /dev/null\n'
                           'globoff\nsilent\nwrite-out = "%{http_code}\\n"\n' + flags
                           for path in (path.replace("\\", "\\\\") for path in paths))
    return lines_of(["curl", "--config", "-"], config)


def by_node(node, paths):
    return lines_of(["node", "-e", NODE_SCRIPT], "".join(f"http://{node.host_port}{path}\n" for path in paths))


def clients():
    """Returns the clients that are installed, each with a function from paths to the statuses of the answers."""
    found = {"http.client": lambda node, paths: [ask_python(node, path) for path in paths],
             "urllib": lambda node, paths: [ask_urllib(node, path) for path in paths]}
    if shutil.which("curl"):
        found["curl"] = lambda node, paths: by_curl(node, paths, "")
        found["curl --path-as-is"] = lambda node, paths: by_curl(node, paths, "path-as-is\n")
    if shutil.which("node"):
        found["node fetch"] = by_node
    return found


def check(node, name, ask):
    paths = targets()
    statuses = [str(status) for status in ask(node, paths)]
    counts = Counter(statuses)
    print(f"  {name:<18} {len(paths)} paths: " + ", ".join(f"{count} x {status}" for status, count in counts.items()))
    require(len(statuses) == len(paths), f"{name} sent every path")
    require("200" not in counts, f"no request of {name} deleted anything")
    kept = [table for table in TABLES if node.ask("GET", f"/api/v1/tables/{table}/items/guard").status == 200]
    require(kept == TABLES, f"all tables kept their items after the requests of {name}")


def run(test):
    node = Node(test.folder, flags=["--log-format", "text", "--access-log", "off"])
    test.at_end(node.end)
    node.start_and_wait()
    for table in TABLES:
        node.ask("POST", "/api/v1/tables", b'{"name":"%s"}' % table.encode())
        node.ask("PUT", f"/api/v1/tables/{table}/items/guard", b'{"n":1}')
    for name, ask in clients().items():
        check(node, name, ask)
