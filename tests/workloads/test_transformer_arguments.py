"""What the arguments of `transformer_lm` must fulfil together."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.workloads.transformer_arguments import check_heads, check_text


@given(st.integers(1, 300), st.integers(1, 300))
def test_heads_must_divide_the_width(width: int, heads: int) -> None:
    problems = list(check_heads({"width": width, "heads": heads}))
    assert bool(problems) == (width % heads != 0)
    for problem in problems:
        assert problem.name == "heads"
        hinted = int(problem.hint.removeprefix("for example "))
        assert width % hinted == 0


def test_a_text_that_cannot_be_used_is_a_problem_of_the_text(tmp_path: Path) -> None:
    (problem,) = check_text({"text": str(tmp_path / "none.txt"), "context": 8})
    assert problem.name == "text"
    assert "No such file" in problem.rule
