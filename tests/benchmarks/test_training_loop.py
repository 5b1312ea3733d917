"""The two loops of the benchmark: both train, and their ratio is judged."""

import pytest

from benchmarks.training_loop import bare_loop, figures, our_loop


def test_both_loops_learn_the_digits() -> None:
    for loop in (our_loop, bare_loop):
        losses = list(loop(12))
        assert len(losses) == 12
        assert losses[-1] < 0.7 * losses[0]


def test_the_limit_is_of_the_ratio_by_the_clock_in_the_middle_of_the_processes() -> None:
    names = ("ours, clock", "bare, clock", "ours, processor", "bare, processor")
    first = dict(zip(names, ([1.0, 1.2, 9.0], [1.0, 1.0, 1.0], [1.0], [0.8]), strict=True))
    others = [dict(zip(names, ([ratio], [1.0], [1.0], [1.0]), strict=True)) for ratio in (1.0, 1.5)]
    *steps, clock, processor = figures([first, *others])
    assert [figure.measured for figure in steps] == [1.2, 1.0, 1.0, 1.0]
    assert list(clock.values) == pytest.approx([1.2, 1.0, 1.5])
    assert not clock.met
    assert processor.measured == pytest.approx(1.0)
    assert processor.met
