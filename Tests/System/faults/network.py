"""A network for one test: each node in a network namespace, all on one bridge. Links are cut by dropping packets.

`enter()` restarts this process in a new namespace, so the network ends with the process and the network of the machine
does not change. Without root it uses a user namespace. Where neither is available, nodes share 127.0.0.1 and links
cannot be cut.
"""

import os
import shutil
import subprocess
import sys

from harness.node import free_port

PORT = 8080
HUB = "10.83.0.254"
INSIDE = "SYSTEM_TEST_NETWORK"


def enter():
    """Restarts this process in a network namespace. Returns only if that has happened, or if it is not possible."""
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
    """The address of one node. `prefix` are the first words of its command line."""

    def __init__(self, number):
        self.number = number
        self.address = ("127.0.0.1", free_port())
        self.prefix = []


class CuttableHost(Host):
    """A namespace, kept open by a process that ends with this one."""

    def __init__(self, number):
        self.number = number
        self.address = (f"10.83.0.{number}", PORT)
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()  # after this line the namespace exists
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
    """Hosts are numbered from 1."""

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
        """Drops packets of each (source, target) pair and passes all others. Responses go in the other direction."""
        for target in self.hosts:
            sources = {source for source, number in pairs if number == target.number}
            if sources != {source for source, number in self.cuts if number == target.number}:
                target.drop_only_from([self.hosts[source - 1] for source in sorted(sources)])
        self.cuts = set(pairs)
