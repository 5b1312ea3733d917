"""What the interface answers with, where that is no view: the shapes are its public contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.storage.approvals import ApprovalRow
from shampoo_tune.storage.trial_pages import TrialRow
from shampoo_tune.tuner.report.standing import Standing
from shampoo_tune.tuner.report.study_list import StudyLine


@dataclass(frozen=True)
class Studies:
    """Some studies, the newest group first; `total` of them match."""

    total: int
    limit: int
    offset: int
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True)
class StudyDocument:
    """A study with its verdict in words."""

    line: StudyLine
    verdict: str
    standing: Standing
    winner: int | None
    search_value: float | None
    finalist_median: float | None
    test_median: float | None
    hyperparameters: Mapping[str, Any] | None
    views: tuple[str, ...]


@dataclass(frozen=True)
class Trials:
    """Some trials of a study; `total` of them match."""

    study: str
    metric: str
    total: int
    limit: int
    offset: int
    trials: tuple[TrialRow, ...]


@dataclass(frozen=True)
class RunCurve:
    """One metric of one run at its evaluated steps."""

    trial: int
    seed: int
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """Curves of runs that have their verdict."""

    study: str
    metric: str
    phase: str
    curves: tuple[RunCurve, ...]


@dataclass(frozen=True)
class Approvals:
    """All approvals, the newest first."""

    approvals: tuple[ApprovalRow, ...]


@dataclass(frozen=True)
class Problem:
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
