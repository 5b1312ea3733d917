"""Bytes that operations touch: written out, and real programs against XLA's own count."""
# ruff: noqa: E501  (lines as XLA prints them)

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from shampoo_tune.tuner.planning.census import census
from shampoo_tune.tuner.planning.compiling import ENVIRONMENT
from shampoo_tune.tuner.planning.hlo_text import read_program
from shampoo_tune.tuner.planning.traffic import traffic
from tests.conftest import REQUIRED_PARTS

# A whole array has 4 * 64 * 64 = 16,384 bytes, a part of it 4 * 8 * 64 = 2,048.
TEXT = """\
HloModule jit_step

%inner (r: f32[64,64]) -> f32[8,64] {
  %r = f32[64,64]{1,0} parameter(0)
  ROOT %taken = bf16[8,64]{1,0} slice(%r), slice={[8:16], [0:64]}
}

%flattened (v: f32[64,64]) -> f32[4096] {
  %v = f32[64,64]{1,0} parameter(0)
  ROOT %flat.1 = f32[4096]{0} bitcast(%v)
}

%reading (b: f32[64,64], a: f32[64,64]) -> (f32[8,64], bf16[8,64]) {
  %a = f32[64,64]{1,0} parameter(1)
  %flat = f32[4096]{0} bitcast(%a)
  %sliced = f32[512]{0} slice(%flat), slice={[0:512]}
  %first = f32[8,64]{1,0} bitcast(%sliced)
  %second = bf16[8,64]{1,0} fusion(%a), kind=kLoop, calls=%inner
  %b = f32[64,64]{1,0} parameter(0)
  %whole = f32[4096]{0} fusion(%b), kind=kLoop, calls=%flattened
  ROOT %pair = (f32[8,64]{1,0}, bf16[8,64]{1,0}) tuple(%first, %second)
}

%writing (base: f32[64,64], other: f32[64,64], new: f32[8,64], at: s32[]) -> (f32[64,64], f32[4096]) {
  %new = f32[8,64]{1,0} parameter(2)
  %base = f32[64,64]{1,0} parameter(0)
  %at = s32[] parameter(3)
  %changed = f32[64,64]{1,0} dynamic-update-slice(%base, %new, %at, %at)
  ROOT %pair.1 = (f32[4096]{0}, f32[64,64]{1,0}) tuple(%changed.1, %negated)
  %changed.1 = f32[4096]{0} bitcast(%changed)
  %other = f32[64,64]{1,0} parameter(1)
  %negated = f32[64,64]{1,0} negate(%other)
}

ENTRY %main (x: f32[64,64], y: f32[64,64], z: f32[8,64], i: s32[], n: s32[8,1]) -> f32[64,64] {
  %x = f32[64,64]{1,0} parameter(0)
  %y = f32[64,64]{1,0} parameter(1)
  %z = f32[8,64]{1,0} parameter(2)
  %i = s32[] parameter(3)
  %n = s32[8,1]{1,0} parameter(4)
  %near = f32[64,64]{1,0:S(1)} parameter(5)
  %sliced.1 = f32[8,64]{1,0} slice(%x), slice={[0:8], [0:64]}
  %sliced.2 = f32[8,64]{1,0:S(1)} dynamic-slice(%x, %i, %i), dynamic_slice_sizes={8,64}
  %rows = f32[8,64]{1,0} gather(%x, %n), offset_dims={1}
  %updated = f32[64,64]{1,0} dynamic-update-slice(%x, %z, %i, %i)
  %updated.1 = f32[64,64]{1,0:S(1)} dynamic-update-slice(%near, %z, %i, %i)
  %added = f32[64,64]{1,0} scatter(%x, %n, %z), to_apply=%inner
  %fusion.1 = (f32[8,64]{1,0}, bf16[8,64]{1,0}) fusion(%y, %x), kind=kLoop, calls=%reading
  %fusion.2 = (f32[4096]{0}, f32[64,64]{1,0}) fusion(%x, %y, %z, %i), kind=kLoop, calls=%writing
  %copy-start.1 = (f32[64,64]{1,0:S(1)}, f32[64,64]{1,0}, u32[]{:S(2)}) copy-start(%x)
  %copy-done.1 = f32[64,64]{1,0:S(1)} copy-done(%copy-start.1)
  %slice-start.1 = ((f32[64,64]{1,0}), f32[8,64]{1,0}, s32[]{:S(2)}) slice-start(%x), slice={[0:8], [0:64]}
  %slice-done.1 = f32[8,64]{1,0} slice-done(%slice-start.1)
  %room = f32[64,64]{1,0} custom-call(), custom_call_target="AllocateBuffer"
  ROOT %sum = f32[64,64]{1,0} add(%x, %near)
}
"""
WHOLE, PART, INDEX = 16_384, 2_048, 4
EXPECTED = {
    "sliced.1": 2 * PART,
    "sliced.2": PART + 2 * INDEX,
    "rows": 2 * PART + 8 * INDEX,
    "updated": 2 * PART + 2 * INDEX,
    "updated.1": PART + 2 * INDEX,
    "added": 3 * PART + 8 * INDEX,
    "fusion.1": (WHOLE + 2 * PART) + (PART + PART / 2),
    "fusion.2": (0 + WHOLE + PART + INDEX) + (PART + WHOLE),
    "copy-start.1": WHOLE,
    "copy-done.1": 0,
    "slice-start.1": 2 * PART,
    "slice-done.1": 0,
    "room": 0,
    "sum": 2 * WHOLE,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_operation_moves_what_it_touches(name: str) -> None:
    program = read_program(TEXT)
    instruction = program.entry.by_name[name]
    assert traffic(instruction, program.entry, program) == EXPECTED[name]


def updated_twice(x: jax.Array, y: jax.Array, new: jax.Array, i: jax.Array) -> Any:
    inside = jnp.tanh(new)
    return lax.dynamic_update_slice(x, inside, (i, i)), lax.dynamic_update_slice(y, new, (i, i))


def shape(*dimensions: int, dtype: Any = jnp.float32) -> Any:
    return jax.ShapeDtypeStruct(dimensions, dtype)  # type: ignore[no-untyped-call]


LARGE, SMALL, NUMBER = shape(100, 200), shape(10, 20), shape(dtype=jnp.int32)
PROGRAMS: dict[str, tuple[Any, ...]] = {
    "elementwise": (lambda x, y: jnp.tanh(x) * y, LARGE, LARGE),
    "product": (lambda x, y: (x @ y.T).sum(axis=0), LARGE, LARGE),
    "slice": (lambda x: x[:, 3:10], LARGE),
    "two slices": (lambda x: jnp.tanh(x[:40]) + x[60:], LARGE),
    "slice at": (lambda x, i: jnp.tanh(lax.dynamic_slice(x, (i, i), (10, 20))), LARGE, NUMBER),
    "update": (lambda x, y, i: lax.dynamic_update_slice(x, y, (i, i)), LARGE, SMALL, NUMBER),
    "two updates": (updated_twice, LARGE, LARGE, SMALL, NUMBER),
    "concatenation": (lambda x, y: jnp.concatenate([x[:50], jnp.tanh(y)]), LARGE, LARGE),
}


def own_and_xlas(function: Any, *shapes: Any, donated: int) -> tuple[float, float]:
    compiled = jax.jit(function, donate_argnums=range(donated)).lower(*shapes).compile()
    cost = compiled.cost_analysis()
    assert cost is not None
    return census(read_program(compiled.as_text() or ""), "").memory_bytes, cost["bytes accessed"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_this_machine_move_what_xla_counts(name: str) -> None:
    donated = {"update": 1, "two updates": 2}.get(name, 0)
    own, xla = own_and_xlas(*PROGRAMS[name], donated=donated)
    assert own == pytest.approx(xla, rel=0.01)  # some scalars


ON_A_TPU = """
import json
import jax, jax.numpy as jnp
from jax import lax
from jax.experimental import topologies
from jax.sharding import SingleDeviceSharding

device = topologies.get_topology_desc(platform="tpu", topology_name="v3:2x2").devices[0]
shape = lambda *d: jax.ShapeDtypeStruct(d, jnp.float32, sharding=SingleDeviceSharding(device))

def step(x, y, w):
    parts = [jnp.tanh(x[n * 512 : (n + 1) * 512] @ w) for n in range(4)]
    joined = jnp.concatenate([*parts, x[2048:]])
    return lax.dynamic_update_slice(y, joined[:256] * 2, (512, 0)), joined

compiled = jax.jit(step, donate_argnums=1).lower(shape(4096, 512), shape(4096, 512), shape(512, 512))
compiled = compiled.compile()
print(json.dumps([compiled.as_text(), compiled.cost_analysis()["bytes accessed"]]))
"""


@pytest.mark.skipif(
    not importlib.util.find_spec("libtpu") and "tpu" not in REQUIRED_PARTS,
    reason="TPU's compiler is not installed: pip install 'shampoo-tune[tpu]'",
)
def test_a_program_of_a_tpu_moves_what_its_compiler_counts() -> None:
    """Of arrays without padding, as the compiler counts that too.

    It takes a slice of float32 that becomes bfloat16 at once for one of bfloat16.
    """
    converted = 4 * 512 * 512 * 2
    ended = subprocess.run(
        [sys.executable, "-c", ON_A_TPU],
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    text, xla = json.loads(ended.stdout)
    own = census(read_program(text), "").memory_bytes
    assert "dynamic-update-slice" in text
    assert own == pytest.approx(xla + converted, rel=0.001)
