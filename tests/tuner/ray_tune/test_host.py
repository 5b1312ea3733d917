"""What is heard of a worker in a thread."""

import threading
from collections.abc import Callable
from typing import Any

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Finished, Job, Measured, Message, decode_message, encode
from shampoo_tune.tuner.ray_tune.host import Host
from tests.tuner.test_local_workers import make_job

GOES_ON = threading.Event()


class TalkingWorker:
    """Says a measurement at once, another and the end when the job goes on."""

    def __init__(self, say: Callable[[Message], None], *_: Any) -> None:
        self._say = say

    def work(self, job: Job) -> None:
        self._say(Measured(job.run_id, Measurement(1, {"loss": 0.5})))
        GOES_ON.wait()
        self._say(Measured(job.run_id, Measurement(2, {"loss": 0.4})))
        self._say(Finished(job.run_id, RunState.COMPLETED, None))


def test_words_wait_for_each_other_until_the_end_or_their_time_is_over() -> None:
    host = Host(f"{__name__}:TalkingWorker", [])
    host.begin(encode(make_job()))
    early = host.hear(0.5)
    GOES_ON.set()
    late = host.hear(60.0)
    assert [type(decode_message(line)) for line in early.lines] == [Measured]
    assert [type(decode_message(line)) for line in late.lines] == [Measured, Finished]
    assert (early.ended, late.ended, late.retired) == (False, True, False)
