"""What is known of the workload without building it: no JAX is imported here."""

from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.arguments import Argument

ENTRY = WorkloadEntry(
    factory="softmax_digits.workload:softmax_digits",
    description="Softmax regression on scikit-learn's digits, 8x8 grey images, n = 1,797",
    target=0.9,
    batch_size=128,
    arguments={"l2": Argument(float, "weight of the squared weights in the loss", 0.0)},
    examples={"valid": 359, "test": 360},
)
