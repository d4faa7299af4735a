"""What the acceptance tests share: a check is a sentence, printed when it holds and raised when it does not."""


class Failed(Exception):
    pass


def check(condition, sentence):
    if not condition:
        raise Failed(sentence)
    print(f"  ok: {sentence}", flush=True)
