"""A wall clock of a node's own, which a test sets while the node runs (libfaketime); monotonic time stays true."""

import glob
import os

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"
LEFT_BEHIND = ("/dev/shm/faketime_shm_{}", "/dev/shm/sem.faketime_sem_{}")
REREAD_SECONDS = 1


def library():
    found = sorted(glob.glob(LIBRARIES))
    if not found:
        raise OSError(f"there is no {LIBRARIES}: install libfaketime (scripts/setup --with faults)")
    return found[0]


class WallClock:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, "clock")
        self.offset_seconds = 0
        self.set(0)

    @property
    def prefix(self):
        """What a command line begins with.

        The second env takes the library's first start upon itself: there it adds a variable to the environment, which
        moves the environment, and Swift looks for a program's arguments just before where the environment was.
        The monotonic "fix" is for an old glibc; with a newer one, waits by monotonic time end at once.
        """
        return ["env", f"LD_PRELOAD={library()}", f"FAKETIME_TIMESTAMP_FILE={self.path}",
                "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0", "NO_FAKE_STAT=1",
                f"FAKETIME_CACHE_DURATION={REREAD_SECONDS}", "env"]

    def set(self, offset_seconds):
        """The node sees it within REREAD_SECONDS."""
        self.offset_seconds = offset_seconds
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(f"{offset_seconds:+d}\n")
        os.replace(self.path + ".new", self.path)

    @staticmethod
    def clean_up_after(pid):
        """What the library leaves behind of a process that was killed; a later process may get its number."""
        for pattern in LEFT_BEHIND:
            try:
                os.remove(pattern.format(pid))
            except OSError:
                pass
