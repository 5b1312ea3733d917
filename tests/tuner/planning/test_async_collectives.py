"""A collective that runs beside other operations is counted once, as one that does not."""
# ruff: noqa: E501  (lines as XLA prints them)

import pytest

from shampoo_tune.tuner.planning.census import census
from shampoo_tune.tuner.planning.hlo_text import read_program

# Of four cores each has f32[2,64] = 512 bytes, and gathers f32[8,64] = 2,048; a product reads and
# writes 3 * f32[64,64] = 49,152 bytes.
ALONE = """\
HloModule jit_step

ENTRY %main (x: f32[2,64], a: f32[64,64], b: f32[64,64]) -> (f32[8,64], f32[64,64]) {
  %x = f32[2,64]{1,0} parameter(0)
  %a = f32[64,64]{1,0} parameter(1)
  %b = f32[64,64]{1,0} parameter(2)
  %gathered = f32[8,64]{1,0} all-gather(%x), channel_id=1, replica_groups={{0,1,2,3}}, dimensions={0}
  %product = f32[64,64]{1,0} dot(%a, %b), lhs_contracting_dims={1}, rhs_contracting_dims={0}
  ROOT %both = (f32[8,64]{1,0}, f32[64,64]{1,0}) tuple(%gathered, %product)
}
"""

BESIDE = """\
HloModule jit_step

%begin (p: f32[2,64]) -> (f32[2,64], f32[8,64], u32[]) {
  %p = f32[2,64]{1,0} parameter(0)
  %gather.1 = f32[8,64]{1,0} all-gather(%p), channel_id=1, replica_groups={{0,1,2,3}}, dimensions={0}
  ROOT %begun = (f32[2,64]{1,0}, f32[8,64]{1,0}, u32[]{:S(2)}) custom-call(%gather.1), custom_call_target="AsyncCollectiveStart"
}

%meanwhile (p.1: f32[2,64], q: f32[8,64], r: u32[], c: f32[64,64], d: f32[64,64]) -> (f32[64,64], f32[2,64], f32[8,64], f32[8,64], u32[]) {
  %d = f32[64,64]{1,0} parameter(4)
  %c = f32[64,64]{1,0} parameter(3)
  %product = f32[64,64]{1,0} dot(%c, %d), lhs_contracting_dims={1}, rhs_contracting_dims={0}
  %p.1 = f32[2,64]{1,0} parameter(0)
  %q = f32[8,64]{1,0} parameter(1)
  %gather.2 = f32[8,64]{1,0} all-gather(%p.1), channel_id=1, replica_groups={{0,1,2,3}}, dimensions={0}
  %r = u32[]{:S(2)} parameter(2)
  ROOT %all = (f32[64,64]{1,0}, f32[2,64]{1,0}, f32[8,64]{1,0}, f32[8,64]{1,0}, u32[]{:S(2)}) tuple(%product, %p.1, %q, %gather.2, %r)
}

%end (p.2: f32[2,64], q.2: f32[8,64], r.2: u32[]) -> f32[8,64] {
  %p.2 = f32[2,64]{1,0} parameter(0)
  %q.2 = f32[8,64]{1,0} parameter(1)
  %gather.3 = f32[8,64]{1,0} all-gather(%p.2), channel_id=1, replica_groups={{0,1,2,3}}, dimensions={0}
  %r.2 = u32[]{:S(2)} parameter(2)
  ROOT %ended = f32[8,64]{1,0} custom-call(%p.2, %q.2, %gather.3, %r.2), custom_call_target="AsyncCollectiveDone"
}

ENTRY %main (x: f32[2,64], a: f32[64,64], b: f32[64,64]) -> (f32[8,64], f32[64,64]) {
  %x = f32[2,64]{1,0} parameter(0)
  %a = f32[64,64]{1,0} parameter(1)
  %b = f32[64,64]{1,0} parameter(2)
  %start = (f32[2,64]{1,0}, f32[8,64]{1,0}, u32[]{:S(2)}) fusion(%x), kind=kCustom, output_to_operand_aliasing={{0}: (0, {})}, calls=%begin
  %s0 = f32[2,64]{1,0} get-tuple-element(%start), index=0
  %s1 = f32[8,64]{1,0} get-tuple-element(%start), index=1
  %s2 = u32[]{:S(2)} get-tuple-element(%start), index=2
  %part = (f32[64,64]{1,0}, f32[2,64]{1,0}, f32[8,64]{1,0}, f32[8,64]{1,0}, u32[]{:S(2)}) fusion(%s0, %s1, %s2, %a, %b), kind=kOutput, output_to_operand_aliasing={{1}: (0, {}), {2}: (1, {}), {3}: (1, {}), {4}: (2, {})}, calls=%meanwhile
  %t0 = f32[64,64]{1,0} get-tuple-element(%part), index=0
  %t1 = f32[2,64]{1,0} get-tuple-element(%part), index=1
  %t2 = f32[8,64]{1,0} get-tuple-element(%part), index=2
  %t4 = u32[]{:S(2)} get-tuple-element(%part), index=4
  %gathered = f32[8,64]{1,0} fusion(%t1, %t2, %t4), kind=kCustom, output_to_operand_aliasing={{}: (1, {})}, calls=%end
  ROOT %both = (f32[8,64]{1,0}, f32[64,64]{1,0}) tuple(%gathered, %t0)
}
"""


@pytest.mark.parametrize("text", [ALONE, BESIDE], ids=["alone", "beside a product"])
def test_its_bytes_are_counted_once(text: str) -> None:
    found = census(read_program(text), "")
    assert found.collective_bytes == 3 * 512
    assert found.memory_bytes == 512 + 2048 + 3 * 4 * 64 * 64
    assert found.matrix_flops == 2 * 64**3
