"""Messages survive their way over a pipe."""

import pytest

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import (
    Failed,
    Finished,
    Job,
    Measured,
    Message,
    Started,
    decode_job,
    decode_message,
    encode,
)


@pytest.mark.parametrize(
    "message",
    [
        Started(1, {"host": "a", "threads": {"NPROC": "1"}}),
        Measured(2, Measurement(5, {"valid_accuracy": 0.1 + 0.2})),
        Finished(3, RunState.INFEASIBLE, "diverged at step 3", {"seconds": 0.5}),
        Finished(3, RunState.COMPLETED, None),
        Failed(4, "Traceback\n  two lines", lost=True),
    ],
)
def test_a_message_decodes_to_its_equal_on_one_line(message: Message) -> None:
    line = encode(message)
    assert line.count("\n") == 1
    assert decode_message(line) == message


def test_a_job_decodes_to_its_equal() -> None:
    job = Job(1, {"name": "mlp_digits"}, {"optimizer": "shampoo"}, seed=7, steps=40, eval_every=5)
    assert decode_job(encode(job)) == job


def test_nan_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(Measured(1, Measurement(5, {"valid_loss": float("nan")})))
