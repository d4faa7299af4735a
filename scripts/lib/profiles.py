"""What the fault test is like: the usual one, and one in which deletes are forgotten after seconds."""

from workload import MANY_DELETES, USUAL


class Profile:
    def __init__(self, flags=(), mix=USUAL, maximum_skew_seconds=300, lasting_seconds=None, grace_seconds=None):
        self.flags = list(flags)
        self.mix = mix
        self.maximum_skew_seconds = maximum_skew_seconds
        self.lasting_seconds = lasting_seconds or {}
        self.grace_seconds = grace_seconds

    @property
    def purges(self):
        """Whether tombstones are old enough to go while the test runs."""
        return self.grace_seconds is not None


PROFILES = {
    "usual": Profile(),
    # Freezes outlast gc-grace: what a node then still wants to send is older than the memory of deletes.
    "grace": Profile(flags=["--gc-grace", "20s", "--hint-window", "10s"], mix=MANY_DELETES, maximum_skew_seconds=2,
                     lasting_seconds={"freeze": (1.0, 30.0)}, grace_seconds=20),
}
