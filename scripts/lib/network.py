"""A network of the test's own: each node in a network namespace, all on one bridge, links cut by dropping packets.

`enter()` puts this process into a fresh namespace and starts it anew there, so the whole network ends with the process
and touches nothing of the machine's own. Without root it asks for a user namespace; where neither can be had, nodes
share 127.0.0.1 and nothing can be cut.
"""

import os
import shutil
import subprocess
import sys

from node import free_port

PORT = 8080
HUB = "10.83.0.254"
INSIDE = "HEDGEHOG_TEST_NETWORK"


def enter():
    """Call it first: it does not return when the process can be started anew inside."""
    if INSIDE in os.environ:
        return
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    inside = ["unshare", *user, "--net"]
    probe = " && ".join(["nft list ruleset", "ip link add probe type bridge", "unshare --net true"])
    can = all(shutil.which(tool) for tool in ("unshare", "nsenter", "ip", "nft")) and subprocess.run(
        [*inside, "bash", "-c", probe], capture_output=True, check=False).returncode == 0
    os.environ[INSIDE] = "namespaces" if can else "none"
    command = [sys.executable, *sys.argv]
    if can:
        os.execvp("unshare", [*inside, *command])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


class Host:
    """Where one node lives. `prefix` is what its command line begins with."""

    def __init__(self, number):
        self.number = number
        self.address = ("127.0.0.1", free_port())
        self.prefix = []


class CuttableHost(Host):
    """A namespace, kept open by a process that ends with ours."""

    def __init__(self, number):
        self.number = number
        self.address = (f"10.83.0.{number}", PORT)
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()  # by then it is inside
        self.prefix = ["nsenter", "--target", str(self.holder.pid), "--net", "--"]
        link = f"node{number}"
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        run("ip", "link", "set", link, "master", "hub", "up")
        for words in (f"addr add {self.address[0]}/24 dev eth0", "link set eth0 up", "link set lo up"):
            run(*self.prefix, "ip", *words.split())
        run(*self.prefix, "nft", "add table inet cuts; "
            "add chain inet cuts arriving { type filter hook input priority 0; }")

    def drop_only_from(self, others):
        rules = [f"add rule inet cuts arriving ip saddr {other.address[0]} drop" for other in others]
        run(*self.prefix, "nft", "; ".join(["flush chain inet cuts arriving", *rules]))


class Network:
    """Hosts numbered from 1."""

    def __init__(self, count):
        self.can_cut = os.environ[INSIDE] == "namespaces"
        if self.can_cut:
            run("ip", "link", "set", "lo", "up")
            run("ip", "link", "add", "hub", "type", "bridge")
            run("ip", "addr", "add", f"{HUB}/24", "dev", "hub")
            run("ip", "link", "set", "hub", "up")
        make = CuttableHost if self.can_cut else Host
        self.hosts = [make(number) for number in range(1, count + 1)]
        self.cuts = set()

    def cut_only(self, pairs):
        """Packets of each (source, target) are dropped, all others pass; answers go the other direction."""
        for target in self.hosts:
            sources = {source for source, number in pairs if number == target.number}
            if sources != {source for source, number in self.cuts if number == target.number}:
                target.drop_only_from([self.hosts[source - 1] for source in sorted(sources)])
        self.cuts = set(pairs)
