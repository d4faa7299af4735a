"""Checks of a test. A check is a sentence, printed with `ok` or `FAILED`."""


class CheckFailed(Exception):
    """A check failed without which the test cannot go on. The text is its sentence."""


def require(condition, sentence):
    """Raises CheckFailed unless `condition` holds."""
    if not condition:
        raise CheckFailed(sentence)
    print(f"  ok: {sentence}", flush=True)


class Checks:
    """Records checks after whose failure the test goes on, so that one run shows all that is wrong."""

    def __init__(self):
        self.failures = []

    def expect(self, condition, sentence):
        if not condition:
            self.failures.append(sentence)
        print(f"  {'ok' if condition else 'FAILED'}: {sentence}", flush=True)
        return bool(condition)

    @property
    def all_passed(self):
        return not self.failures
