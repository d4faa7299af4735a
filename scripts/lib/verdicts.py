"""Checks of which all are to be seen, whatever became of those before: one line each, `ok:` or `FAILED:`."""


class Verdicts:
    def __init__(self):
        self.failures = []
        self.count = 0

    def judge(self, is_kept, sentence):
        self.count += 1
        if not is_kept:
            self.failures.append(sentence)
        print(f"  {'ok' if is_kept else 'FAILED'}: {sentence}", flush=True)
        return bool(is_kept)

    @property
    def all_kept(self):
        return not self.failures
