"""The text of optimized programs, a short one written out and real ones of this machine."""
# ruff: noqa: E501  (lines as XLA prints them)

import jax
import jax.numpy as jnp
import pytest

from shampoo_tune.tuner.planning.hlo_text import Array, read_program

TEXT = """\
HloModule jit_step, is_scheduled=true

%add (x: f32[], y: f32[]) -> f32[] {
  %x = f32[] parameter(0)
  ROOT %y = f32[] parameter(1)
}

%body.1 (p: (s32[], f32[8,4])) -> (s32[], f32[8,4]) {
  %p = (s32[]{:T(256)}, /*index=1*/f32[8,4]{1,0:T(8,128)}) parameter(0)
  ROOT %t = (s32[], f32[8,4]{1,0:T(8,128)S(1)}) tuple(%p)
}

ENTRY %main.2_spmd (a: bf16[2,3]) -> f32[] {
  %a = bf16[2,3]{1,0:T(8,128)(2,1)} parameter(0), metadata={op_name="params['w']"}
  %limit = s32[] constant(-24)
  %while.3 = (s32[], f32[8,4]{1,0}) while(%limit), condition=%add, body=%body.1, backend_config={"known_trip_count":{"n":"15"}}
  ROOT %sum.4 = f32[]{:T(256)} reduce(%a, %limit), dimensions={0,1}, to_apply=%add, metadata={op_name="jit(step)/inverse_roots/while/body/sum"}
}
"""


def test_a_program_is_its_computations_and_their_instructions() -> None:
    program = read_program(TEXT)
    assert set(program.computations) == {"add", "body.1", "main.2_spmd"}
    assert program.entry.name == "main.2_spmd"
    a, limit, loop, total = program.entry.instructions
    assert a.arrays == (Array("bf16", (2, 3), "1,0:T(8,128)(2,1)"),)
    assert a.arrays[0].bytes == 12
    assert limit.value == -24
    assert (loop.operation, loop.trips, loop.called("body")) == ("while", 15, ("body.1",))
    assert [array.dimensions for array in loop.arrays] == [(), (8, 4)]
    assert total.operands == ("a", "limit")
    assert total.scope == "jit(step)/inverse_roots/while/body/sum"
    assert total.trips is None


def test_a_computation_knows_its_parameters_its_result_and_who_uses_what() -> None:
    program = read_program(TEXT)
    add = program.computations["add"]
    assert [add.parameters[number].name for number in (0, 1)] == ["x", "y"]
    assert add.root.name == "y"
    assert program.entry.users("limit") == [
        (program.entry.by_name["while.3"], 0),
        (program.entry.root, 1),
    ]
    assert program.entry.users("sum.4") == []


def test_arrays_within_the_core_are_told_apart() -> None:
    (_, result) = read_program(TEXT).computations["body.1"].instructions
    assert [array.in_main_memory for array in result.arrays] == [True, False]


def test_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no ENTRY computation"):
        read_program("<html></html>")


def test_programs_of_this_machine_can_be_read() -> None:
    def step(x: jax.Array) -> jax.Array:
        rounds: jax.Array = jax.lax.fori_loop(0, 7, lambda _, y: jnp.tanh(y @ x), x)
        return rounds.sum()

    program = read_program(jax.jit(step).lower(jnp.ones((16, 16))).compile().as_text() or "")
    loops = [i for c in program.computations.values() for i in c.instructions if i.trips]
    assert [loop.trips for loop in loops] == [7]
    names = {name for loop in loops for name in (*loop.called("body"), *loop.called("condition"))}
    assert names <= set(program.computations)
