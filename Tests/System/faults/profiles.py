"""Profiles of the fault test: the usual one, and one in which tombstones are purged within seconds."""

from workloads.mixed_workload import MANY_DELETES, USUAL


class Profile:
    def __init__(self, flags=(), mix=USUAL, maximum_skew_seconds=300, duration_seconds=None, grace_seconds=None):
        self.flags = list(flags)
        self.mix = mix
        self.maximum_skew_seconds = maximum_skew_seconds
        self.duration_seconds = duration_seconds or {}
        self.grace_seconds = grace_seconds

    @property
    def purges(self):
        """Whether tombstones reach the age of gc-grace during the test."""
        return self.grace_seconds is not None


PROFILES = {
    "usual": Profile(),
    # A freeze can outlast gc-grace. A write that the node sends after it may be older than a purged tombstone.
    "grace": Profile(flags=["--gc-grace", "20s", "--hint-window", "10s"], mix=MANY_DELETES, maximum_skew_seconds=2,
                     duration_seconds={"freeze": (1.0, 30.0)}, grace_seconds=20),
}
