"""Where in a cluster runs can train."""

from typing import Any

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.ray_tune.places import POD_TYPE, SLICE_NAME, Place, Request, chips_of


def machine(alive: bool = True, **resources: float) -> dict[str, Any]:
    return {"Alive": alive, "Resources": resources, "Labels": {}}


def tpu_host(slice_name: str, pod_type: str = "v4-16", alive: bool = True) -> dict[str, Any]:
    labels = {SLICE_NAME: slice_name, POD_TYPE: pod_type}
    return {"Alive": alive, "Resources": {"CPU": 96, "TPU": 4}, "Labels": labels}


def test_a_machine_takes_as_many_runs_as_it_has_resources_for() -> None:
    nodes = [machine(CPU=3), machine(CPU=8, TPU=8), machine(alive=False, CPU=100, TPU=100)]
    assert len(Request().places(nodes)) == 11
    tpu = Request.of(None, ["TPU=4"], None)
    assert tpu.places(nodes) == [Place.of(n, [{"CPU": 1, "TPU": 4}]) for n in range(2)]
    assert Request.of(None, ["TPU=16"], None).places(nodes) == []


def test_a_number_of_workers_is_the_most_that_are_used() -> None:
    assert len(Request.of(2, [], None).places([machine(CPU=3)])) == 2
    assert len(Request.of(5, [], None).places([machine(CPU=3)])) == 3


def test_a_slice_is_a_place_once_all_its_hosts_are_there() -> None:
    nodes = [tpu_host("a"), tpu_host("b"), tpu_host("a"), tpu_host("c", "v4-32")]
    (place,) = Request(topology="v4-16").places(nodes)
    assert place.slice_name == "a"
    head, *hosts = map(dict, place.bundles)
    assert head == {"TPU-v4-16-head": 1}
    assert hosts == [{"TPU": 4}, {"TPU": 4}]
    both = [*nodes, tpu_host("b")]
    assert len(Request(topology="v4-16").places(both)) == 2
    assert len(Request(workers=1, topology="v4-16").places(both)) == 1
    assert Request(topology="v4-16").places([tpu_host("a"), tpu_host("a", alive=False)]) == []


@pytest.mark.parametrize(
    ("topology", "chips"), [("v3-256", 128), ("v4-16", 8), ("v5litepod-16", 16), ("v6e-8", 8)]
)
def test_a_type_counts_cores_and_some_have_one_a_chip(topology: str, chips: int) -> None:
    assert chips_of(topology) == chips


@pytest.mark.parametrize(
    ("resources", "topology", "rule"),
    [
        (["TPU"], None, "write NAME=AMOUNT, such as TPU=4"),
        (["TPU=four"], None, "write NAME=AMOUNT"),
        (["TPU=0"], None, "write NAME=AMOUNT"),
        (["=4"], None, "write NAME=AMOUNT"),
        (["TPU=nan"], None, "write NAME=AMOUNT"),
        ([], "4x4", "such as v4-16"),
        (["TPU=4"], "v4-16", "has all of its hosts"),
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(
    resources: list[str], topology: str | None, rule: str
) -> None:
    with pytest.raises(InvalidInputError, match=rule):
        Request.of(None, resources, topology)
