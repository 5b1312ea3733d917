"""A study file of eleven lines, and the one workload that it knows."""

from shampoo_tune.workloads import WorkloadEntry

METRICS = ("train_loss", "valid_loss", "valid_accuracy", "test_loss", "test_accuracy")
KNOWN = {"resnet_digits": WorkloadEntry("", "", METRICS, batch_size=128)}
MINIMAL = """\
version: 1
name: resnet
workload: {name: resnet_digits}
budget: {steps: 40}
optimizers:
  shampoo:
    learning_rate: {min: 1e-2, max: 3, scale: log}
    exponent_override: {values: [0, 4]}
    beta2: {min: 0.5, max: 0.999, scale: one_minus_log, when: {exponent_override: 4}}
    block_size: 64
"""
