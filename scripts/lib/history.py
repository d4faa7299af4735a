"""What each key may hold, judged from the answers its one writer got.

A key has one writer, which never has two requests for it under way. So the last acknowledged state is known, and the
only doubt is about requests that got no answer, or the answer `unknown`, since then.
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
        """The server said, or by closing unread implied, that the request did nothing."""
        if state is not ABSENT:
            self.refused.append(state)
        self.attempts.append(("not applied", state))

    def judge(self, seen):
        """None if `seen` is a lawful state, which is then the known one; else what is wrong, as a sentence."""
        if seen in self.possible:
            self.possible = [seen]
            return None
        if seen is not ABSENT and seen in self.refused:
            return "holds a write that was refused as not applied"
        if seen is ABSENT:
            return "is absent though a write was acknowledged"
        if len(self.possible) == 1 and self.possible[0] is ABSENT:
            return "is present though its delete was acknowledged, or nothing was ever written"
        return "holds neither the acknowledged write nor one in doubt"
