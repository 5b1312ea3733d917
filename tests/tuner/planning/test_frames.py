"""The tables of frames of a program, written out."""

from shampoo_tune.tuner.planning.frames import Frames
from shampoo_tune.tuner.planning.hlo_text import Instruction

TEXT = """\
HloModule jit_step

FileNames
1 "a.py"

FunctionNames
1 "outer"
2 "Model.__call__"
3 "inner"

FileLocations
1 {file_name_id=1 function_name_id=1 line=72 end_line=72 column=20 end_column=20}
2 {file_name_id=1 function_name_id=2 line=49 end_line=49 column=13 end_column=13}
3 {file_name_id=1 function_name_id=3 line=60 end_line=60 column=11 end_column=11}

StackFrames
1 {file_location_id=1 parent_frame_id=1}
2 {file_location_id=2 parent_frame_id=2}
3 {file_location_id=3 parent_frame_id=3}
4 {file_location_id=3 parent_frame_id=1}


ENTRY %main (a: f32[]) -> f32[] {
"""


def test_an_operation_comes_from_its_function_and_those_that_called_it() -> None:
    frames = Frames(TEXT)

    def functions(attributes: str) -> frozenset[str]:
        return frames.functions(Instruction("a", (), "add", (), attributes))

    assert functions('metadata={op_name="x" stack_frame_id=3}') == {
        "outer",
        "Model.__call__",
        "inner",
    }
    assert functions('metadata={op_name="x" stack_frame_id=4}') == {"inner"}
    assert functions('metadata={op_name="x"}') == set()


def test_a_program_without_tables_has_no_functions() -> None:
    assert Frames("HloModule jit_step\n").functions(Instruction("a", (), "add", (), "")) == set()
