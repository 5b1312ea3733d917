"""The second link: the points are those that the file and its seed draw, and what trains is theirs.

Points that an adaptive sampler was asked for depend on which values were known at that moment,
which no row tells: of them the ranges and the configuration are checked.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.records import parameter_rows
from shampoo_tune.storage.study_rows import stored_parameters
from shampoo_tune.tuner.parameters import Value
from shampoo_tune.tuner.submission import new_trial, points
from shampoo_tune.tuner.verifying.link import Difference, Link, differing
from shampoo_tune.tuner.verifying.stored_study import StoredStudy


def design_link(connection: Connection, studies: Sequence[StoredStudy]) -> Link:
    """Whether the trials of all studies are those of the design."""
    found, redrawn, asked = list[Difference](), 0, 0
    for study in studies:
        drawn = points(study.file, study.arm, study.row.replicate)
        redrawn += len(drawn)
        asked += max(0, len(study.points) - len(drawn))
        found += _numbers(study, len(drawn))
        found += _trials(connection, study, drawn)
    seed = studies[0].file.search.seed if studies else None
    compared = f"{redrawn} points drawn again from search.seed {seed}"
    if asked:
        compared += f"; {asked} asked of an adaptive sampler, which cannot be asked again"
    return Link("design", compared, tuple(found))


def _numbers(study: StoredStudy, drawn: int) -> Iterator[Difference]:
    numbers = [number for number, _, _ in study.points]
    count = max(drawn, min(len(numbers), study.row.trials))
    if numbers != list(range(count)):
        yield Difference(study.name, "trials", numbers, list(range(count)))


def _trials(
    connection: Connection, study: StoredStudy, drawn: Sequence[Mapping[str, Value]]
) -> Iterator[Difference]:
    parameters = stored_parameters(connection, study.row.id)
    for number, stored, configuration in study.points:
        where = f"{study.name} trial {number}"
        is_drawn = 0 <= number < len(drawn)
        try:
            outside = [] if is_drawn else _outside(study, stored)
            point = drawn[number] if is_drawn else study.arm.space.complete(stored)
            trial = new_trial(study.file, study.arm, number, point)
            rows = {name: list(value) for _, name, *value in parameter_rows(0, point)}
        except (InvalidInputError, TypeError, ValueError) as error:
            yield Difference(where, "point", stored, f"a point of the space: {error}")
            continue
        yield from (
            Difference(where, name, stored.get(name), "a value of its range") for name in outside
        )
        yield from differing(where, stored, dict(point))
        yield from differing(where, configuration, trial.configuration, "configuration")
        told = {name: list(value) for name, value in parameters.get(number, {}).items()}
        yield from differing(where, told, rows, "v1_trial_parameters")


def _outside(study: StoredStudy, point: Mapping[str, Value]) -> list[str]:
    """The parameters of a point that are not in their ranges."""
    space = study.arm.space
    places = zip(space.dimensions, space.units([point]), strict=True)
    return [name for name, (unit,) in places if name in point and not 0 <= unit <= 1]
