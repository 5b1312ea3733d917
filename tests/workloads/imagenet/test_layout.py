"""Names of splits."""

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.layout import check_split


def test_an_unknown_split_is_refused() -> None:
    check_split("valid")
    with pytest.raises(InvalidInputError, match=r"unknown split 'val' \(known: train, valid"):
        check_split("val")
