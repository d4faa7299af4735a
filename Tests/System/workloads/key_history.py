"""The states that a key may have, derived from the responses that its only writer received.

A key has one writer, which never has two concurrent requests for it. So the last acknowledged state is known. Only
later requests without a response, or with the outcome `unknown`, leave more than one possible state.
"""

ABSENT = None


class KeyHistory:
    __slots__ = ("possible", "refused", "attempts")

    def __init__(self):
        self.possible = [ABSENT]
        self.refused = []
        self.attempts = []

    def acknowledged(self, state):
        self.possible = [state]
        self.refused.clear()
        self.attempts = [("acknowledged", state)]

    def unknown(self, state):
        if state not in self.possible:
            self.possible.append(state)
        self.attempts.append(("unknown", state))

    def not_applied(self, state):
        """The server reported that the request had no effect, or closed the connection before it read the request."""
        if state is not ABSENT:
            self.refused.append(state)
        self.attempts.append(("not applied", state))

    def check(self, seen):
        """Returns None if `seen` is a possible state, which is then the known state; else the error as a sentence."""
        if seen in self.possible:
            self.possible = [seen]
            return None
        if seen is not ABSENT and seen in self.refused:
            return "holds a write that was refused as not applied"
        if seen is ABSENT:
            return "is absent although a write was acknowledged"
        if len(self.possible) == 1 and self.possible[0] is ABSENT:
            return "is present although its delete was acknowledged, or although nothing was written"
        return "holds neither the acknowledged write nor one with an unknown outcome"
