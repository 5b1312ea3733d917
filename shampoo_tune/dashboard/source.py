"""The database as the pages see it: read-only, and read again only where it has changed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row
from starlette.requests import Request

from shampoo_tune.dashboard.answers import Packed
from shampoo_tune.dashboard.keeping import Kept
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Reader
from shampoo_tune.storage.progress import Revision, all_studies, one_study, revisions
from shampoo_tune.study import RunState
from shampoo_tune.tuner.report.study_list import StudyLine, study_line

if TYPE_CHECKING:
    from shampoo_tune.tuner.report.compared import Compared
    from shampoo_tune.tuner.report.measured_curves import MeasuredCurves
    from shampoo_tune.tuner.study_data import StudyData

_LINES, _STUDIES, _COMPARISONS, _PAGES = 5_000, 4, 4, 24  # that are kept


@dataclass(frozen=True)
class Loaded:
    """A study with all that its views need.

    Attributes:
        row: of the studies table.
        revision: what it was read at.
        data: as arrays.
        curves: of its best trials and of its final seeds.
    """

    row: Row[Any]
    revision: tuple[str, Revision]
    data: "StudyData"
    curves: "MeasuredCurves"

    @property
    def failed(self) -> int:
        """Runs without a verdict that must be repeated."""
        return dict(self.revision[1]).get(RunState.FAILED, 0)


class Source:
    """Everything that requests ask the database."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._lines: Kept[StudyLine] = Kept(_LINES)
        self._studies: Kept[Loaded] = Kept(_STUDIES)
        self._comparisons: Kept[Compared] = Kept(_COMPARISONS)
        self.pages: Kept[Packed] = Kept(_PAGES)

    def lines(self, connection: Connection) -> list[StudyLine]:
        """A line for each study, the newest group first."""
        found = revisions(connection)
        return [
            self._line(connection, row, found.get(row.id, ())) for row in all_studies(connection)
        ]

    def line(self, connection: Connection, row: Row[Any]) -> StudyLine:
        """The line of one study."""
        revision = revisions(connection, row.id).get(row.id, ())
        return self._line(connection, one_study(connection, row.id), revision)

    def _line(self, connection: Connection, row: Row[Any], revision: Revision) -> StudyLine:
        """Of a row of `all_studies`."""
        return self._lines.get(
            row.id, (row.group_state, revision), lambda: study_line(connection, row, revision)
        )

    def revision(self, connection: Connection, row: Row[Any]) -> tuple[str, Revision]:
        """What changes with everything that a study's page shows."""
        state = queries.group_state(connection, row.group_id)
        return state, revisions(connection, row.id).get(row.id, ())

    def loaded(self, connection: Connection, row: Row[Any]) -> Loaded:
        """A study as arrays."""
        # Numerical libraries, which the list of studies does without.
        from shampoo_tune.tuner.report.measured_curves import read_curves
        from shampoo_tune.tuner.study_loading import load_study

        revision = self.revision(connection, row)

        def load() -> Loaded:
            before = self._studies.last(row.id)
            data = load_study(connection, row, before.data if before else None)
            return Loaded(row, revision, data, read_curves(connection, data))

        return self._studies.get(row.id, revision, load)

    def compared(self, connection: Connection, names: Sequence[str]) -> tuple[Hashable, "Compared"]:
        """Groups side by side, and the revision that they were read at.

        Raises:
            NotFoundError: there is no such group.
        """
        from shampoo_tune.tuner.ladder.recorded import recorded_ladders
        from shampoo_tune.tuner.report.compared import compare_in_figures

        rungs = [
            g for ladder in recorded_ladders(connection, names) for g in ladder.groups.values()
        ]
        counts = revisions(connection)
        revision = tuple(
            (group.state, *(counts.get(s.id) for s in queries.studies_of(connection, group.id)))
            for group in (queries.require_group(connection, name) for name in (*names, *rungs))
        )
        key = tuple(names)
        made = self._comparisons.get(key, revision, lambda: compare_in_figures(connection, key))
        return revision, made


def source_of(request: Request) -> Source:
    """The source that the application was made with."""
    source = request.app.state.source
    if not isinstance(source, Source):
        raise AssertionError("an application is made with a source")
    return source


def asked_study(request: Request, connection: Connection) -> Row[Any]:
    """The row of the study that the address names.

    Raises:
        NotFoundError: there is none.
    """
    group, arm = request.path_params["group"], request.path_params["arm"]
    return queries.require_study(connection, f"{group}/{arm}")
