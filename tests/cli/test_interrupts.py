"""Interrupts that somebody's code swallows."""

import os
import signal
import sys
from contextlib import suppress

import pytest

from tuner.cli.interrupts import hear_interrupts, until_interrupted


@pytest.fixture(autouse=True)
def _as_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


def swallowing(number, ended):
    """Makes three items; a signal comes while the second is made, and is caught there."""
    try:
        for item in range(3):
            if item == 1:
                with suppress(KeyboardInterrupt):
                    os.kill(os.getpid(), number)
            yield item
    finally:
        ended.append(True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_was_swallowed_ends_a_search_behind_its_execution(number):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    was_interrupted = hear_interrupts()
    seen, ended = [], []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(until_interrupted(swallowing(number, ended), was_interrupted))
    assert (was_interrupted(), ended) == (True, [True])


def test_without_one_all_comes_through():
    assert list(until_interrupted((item for item in range(3)), hear_interrupts())) == [0, 1, 2]


def test_a_ctrl_c_that_the_shell_ignores_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hear_interrupts()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_an_interrupt_in_a_destructor_is_heard_and_not_printed(capsys):
    was_interrupted = hear_interrupts()

    class Dies:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)

    dying = Dies()
    del dying
    assert was_interrupted()
    assert "KeyboardInterrupt" not in capsys.readouterr().err
