"""What Tune is told when it asks for a run."""

import threading

from tests.ray_extra import needs_ray

pytestmark = needs_ray


def test_it_waits_a_moment_for_the_run_after_one_that_has_just_ended() -> None:
    from shampoo_tune.tuner.ray_tune.feeding import Feed

    feed = Feed(lambda: False)
    assert feed.suggest("first") is None
    feed.on_trial_complete("first")
    threading.Timer(0.01, feed.put, [{"number": 2}]).start()
    assert feed.suggest("second") == {"number": 2}
    feed.put({"number": 3})
    assert feed.suggest("third") == {"number": 3}
    assert feed.suggest("fourth") is None
