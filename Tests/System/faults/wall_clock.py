"""A wall clock for one node, which a test can set while the node runs (libfaketime). Monotonic time stays correct."""

import glob
import os

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"
LEFT_BEHIND = ("/dev/shm/faketime_shm_{}", "/dev/shm/sem.faketime_sem_{}")
REREAD_SECONDS = 1


def library():
    found = sorted(glob.glob(LIBRARIES))
    if not found:
        raise OSError(f"{LIBRARIES} does not exist; install libfaketime with scripts/setup --with faults")
    return found[0]


class WallClock:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, "clock")
        self.offset_seconds = 0
        self.set(0)

    @property
    def prefix(self):
        """The first words of the command line of a node with this clock.

        The library adds a variable to the environment when it is loaded for the first time, which moves the
        environment. Swift reads the arguments of a program just before the old place of the environment, so a second
        `env` is what loads the library first. FAKETIME_FORCE_MONOTONIC_FIX is for an old glibc; with a newer one it
        would make waits by monotonic time return immediately.
        """
        return ["env", f"LD_PRELOAD={library()}", f"FAKETIME_TIMESTAMP_FILE={self.path}",
                "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0", "NO_FAKE_STAT=1",
                f"FAKETIME_CACHE_DURATION={REREAD_SECONDS}", "env"]

    def set(self, offset_seconds):
        """Sets the clock. The node uses the new time within REREAD_SECONDS."""
        self.offset_seconds = offset_seconds
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(f"{offset_seconds:+d}\n")
        os.replace(self.path + ".new", self.path)

    @staticmethod
    def clean_up_after(pid):
        """Removes the shared memory that the library leaves behind when a process is killed.

        Another process may get the same pid later.
        """
        for pattern in LEFT_BEHIND:
            try:
                os.remove(pattern.format(pid))
            except OSError:
                pass
