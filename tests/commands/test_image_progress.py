"""Progress where there is no terminal."""

import pytest

from shampoo_tune.commands.image_progress import image_progress


def test_a_line_is_said_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with image_progress("writing", 2000) as advance:
        for _ in range(4):
            advance(500)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "writing: 2,000 of 2,000 images\n")
