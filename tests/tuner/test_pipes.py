"""What a worker process says to its controller, and when."""

import io

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Finished, Measured, Started, decode_message
from shampoo_tune.tuner.pipes import speaker


class Pipe(io.StringIO):
    """Has arrived what was flushed."""

    arrived = 0

    def flush(self) -> None:
        self.arrived = len(self.getvalue().splitlines())


def test_measurements_go_together_but_never_wait_for_more_than_two_seconds() -> None:
    now, pipe = 0.0, Pipe()
    say = speaker(pipe, lambda: now)
    say(Started(1, {}))
    assert pipe.arrived == 1
    arrived = []
    for tenth in range(1, 31):
        now = tenth / 10
        say(Measured(1, Measurement(tenth, {"accuracy": 0.5})))
        arrived.append(pipe.arrived)
    assert arrived == [1] * 19 + [21] * 11
    say(Finished(1, RunState.COMPLETED, None))
    assert pipe.arrived == 32
    messages = [decode_message(line) for line in pipe.getvalue().splitlines()]
    assert [m.measurement.step for m in messages if isinstance(m, Measured)] == list(range(1, 31))
