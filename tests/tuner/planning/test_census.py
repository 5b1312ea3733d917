"""Counting of programs that are written out, so that every number can be checked by hand."""
# ruff: noqa: E501  (lines as XLA prints them)

import pytest

from shampoo_tune.tuner.planning.census import census
from shampoo_tune.tuner.planning.hlo_text import read_program

# A product of [4, 4] matrices takes 128 operations and moves 3 * 64 bytes.
TEXT = """\
HloModule jit_step

%fused (p: f32[4,4]) -> f32[4,4] {
  %p = f32[4,4]{1,0} parameter(0)
  ROOT %dot.1 = f32[4,4]{1,0} dot(%p, %p), lhs_contracting_dims={1}, rhs_contracting_dims={0}, operand_precision={highest,highest}, metadata={op_name="jit(step)/inverse_roots/dot"}
}

%condition (s: (s32[], f32[4,4])) -> pred[] {
  %s = (s32[], f32[4,4]{1,0}) parameter(0)
  %count = s32[] get-tuple-element(%s), index=0
  %most = s32[] constant(24)
  ROOT %less = pred[] compare(%count, %most), direction=LT
}

%body (b: (s32[], f32[4,4])) -> (s32[], f32[4,4]) {
  %b = (s32[], f32[4,4]{1,0}) parameter(0)
  %m = f32[4,4]{1,0} get-tuple-element(%b), index=1
  ROOT %fusion.1 = f32[4,4]{1,0} fusion(%m), kind=kOutput, calls=%fused
}

%small (x: f32[4,4]) -> f32[4,4] {
  %x = f32[4,4]{1,0} parameter(0)
  ROOT %negated = f32[4,4]{1,0} negate(%x)
}

%large (y: f32[4,4]) -> f32[4,4] {
  %y = f32[4,4]{1,0} parameter(0)
  ROOT %dot.2 = f32[4,4]{1,0} dot(%y, %y), lhs_contracting_dims={1}, rhs_contracting_dims={0}
}

ENTRY %main (a: f32[4,4], c: pred[]) -> f32[4,4] {
  %a = f32[4,4]{1,0} parameter(0)
  %c = pred[] parameter(1)
  %start = (s32[], f32[4,4]{1,0}) tuple(%a)
  LOOP
  %conditional.1 = f32[4,4]{1,0} conditional(%c, %a, %a), true_computation=%small, false_computation=%large
  %all-reduce.1 = f32[4,4]{1,0} all-reduce(%a), replica_groups=[1,4]<=[4], to_apply=%small
  %gathered = f32[16,4]{1,0} all-gather(%a), replica_groups={{0,1,2,3}}, dimensions={0}
  ROOT %local = f32[4,4]{1,0:S(1)} negate(%a)
}
"""
KNOWN = (
    "%while.1 = (s32[], f32[4,4]{1,0}) while(%start), condition=%condition, body=%body,"
    ' backend_config={"known_trip_count":{"n":"5"}}'
)
LIMITED = "%while.1 = (s32[], f32[4,4]{1,0}) while(%start), condition=%condition, body=%body"


@pytest.mark.parametrize(
    ("loop", "rounds", "limited"), [(KNOWN, 5, []), (LIMITED, 24, [24])], ids=["known", "limited"]
)
def test_loops_count_all_their_rounds(loop: str, rounds: int, limited: list[int]) -> None:
    counted = census(read_program(TEXT.replace("LOOP", loop)), "inverse_roots")
    assert counted.flops == {"bf16x6": rounds * 128, "bf16": 128}
    assert counted.matrix_flops == rounds * 6 * 128 + 128
    assert counted.scoped_flops == rounds * 6 * 128
    assert counted.limited == limited


def test_a_fusion_moves_what_goes_in_and_comes_out_and_a_branch_the_most() -> None:
    counted = census(read_program(TEXT.replace("LOOP", KNOWN)), "inverse_roots")
    loop = 5 * (64 + 64)
    branch = 3 * 64
    collectives = 2 * 64 + (64 + 256)
    assert counted.memory_bytes == loop + branch + collectives + 64  # the last result stays inside


def test_collectives_send_what_a_ring_sends() -> None:
    counted = census(read_program(TEXT.replace("LOOP", KNOWN)), "inverse_roots")
    assert counted.collective_bytes == 2 * 64 * 3 / 4 + 64 * 3


@pytest.mark.parametrize(
    "groups", ["mesh['x'=4,'y'=2] {'x'}", "[2,4]<=[8]", "{{0,1,2,3},{4,5,6,7}}"]
)
def test_the_cores_of_a_collective_are_read_in_all_forms(groups: str) -> None:
    text = TEXT.replace("LOOP", KNOWN).replace("[1,4]<=[4]", groups)
    assert census(read_program(text), "").collective_bytes == 2 * 64 * 3 / 4 + 64 * 3


def test_a_form_that_is_not_known_is_no_guess() -> None:
    text = TEXT.replace("LOOP", KNOWN).replace("[1,4]<=[4]", "everybody")
    with pytest.raises(ValueError, match="which cores take part in all-reduce"):
        census(read_program(text), "")
