"""Bits must be equal only on equal code, libraries, devices, threads and processor."""

from typing import Any

import pytest

from shampoo_tune.tuner.verifying.facts import why_other_bits

FACTS: dict[str, Any] = {
    "host": "a",
    "packages": {"shampoo-tune": "1", "jax": "1", "jaxlib": "1", "scipy": "1"},
    "git": {"commit": "c" * 40, "dirty": False},
    "device_kind": "cpu",
    "device_count": 1,
    "threads": {"NPROC": "1"},
    "processor": "fast",
}


@pytest.mark.parametrize(
    ("there", "here", "reasons"),
    [
        ({}, {}, []),
        ({"host": "b", "python": "3.12", "pid": 7}, {}, []),
        ({"packages": {**FACTS["packages"], "scipy": "2"}}, {}, []),
        ({"packages": {**FACTS["packages"], "jax": "2"}}, {}, ["jax: 2 there, 1 here"]),
        ({"git": None}, {"git": None}, []),
        ({"git": None}, {}, ["code: an installed package there, cccccccccccc here"]),
        ({"git": {"commit": "d" * 40, "dirty": False}}, {},
         ["code: dddddddddddd there, cccccccccccc here"]),
        ({}, {"git": {"commit": "c" * 40, "dirty": True}}, ["code with uncommitted changes"]),
        ({"device_count": 8}, {}, ["number of devices: 8 there, 1 here"]),
        ({"threads": {"NPROC": "2"}}, {},
         ["thread settings: {'NPROC': '2'} there, {'NPROC': '1'} here"]),
        ({"processor": "slow"}, {}, ["processor: slow there, fast here"]),
        ({"processor": None}, {}, []),  # of a time when it was not told, on this host
        ({"processor": None, "host": None}, {}, ["processor: None there, fast here"]),
        ({"recorded_from_outside": True}, {},
         ["it was recorded from outside, and nothing is known of its machine"]),
    ],
)  # fmt: skip
def test_every_reason_is_told(
    there: dict[str, Any], here: dict[str, Any], reasons: list[str]
) -> None:
    assert list(why_other_bits({**FACTS, **there}, {**FACTS, **here})) == reasons


def test_of_a_program_it_is_not_known() -> None:
    program = {name: fact for name, fact in FACTS.items() if name != "device_kind"}
    assert list(why_other_bits(program, program)) == ["what a program computes with is not known"]
