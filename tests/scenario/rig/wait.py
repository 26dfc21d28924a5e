"""Waiting for something to become true, with a deadline: the only place where a scenario lets time pass."""
import threading
import time

_never = threading.Event()


def until(question, what, seconds=30.0, pause=0.05):
    """Asks until the answer is true and returns it. An exception counts as "not yet" and is told when time is up."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            answer = question()
            if answer:
                return answer
            last = answer
        except Exception as error:  # the peer may be starting, or down on purpose
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s: not {what}; last answer: {last!r}")
        _never.wait(pause)


def for_seconds(seconds):
    """Lets the peers go on for a while: for outages and freezes, whose length is the point."""
    _never.wait(seconds)
