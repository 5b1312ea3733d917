"""The tables. They are private: read the public `v1_` views instead (`views.py`).

A number that is not finite is never stored: the row says so by its state, or is absent.
All times are UTC. `migrations/` creates the tables; a test holds both equal.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# The rows of many-row tables lie in the order of their key, without a second copy as an index.
_CLUSTERED = {"sqlite_with_rowid": False}


class UtcDateTime(TypeDecorator[datetime]):
    """A time-zone-aware UTC time, also on SQLite, which stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive times, so that local times cannot slip in."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time needs a zone, got {value!r}")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite returns naive times that are UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, datetime: UtcDateTime}  # noqa: RUF012


class MedianRank(Base):
    """For n values, the rank j whose pair (j, n + 1 - j) bounds the 95 % interval of the median."""

    __tablename__ = "median_ranks"
    n: Mapped[int] = mapped_column(primary_key=True)
    low_rank: Mapped[int | None]  # None: no 95 % interval exists for so few values


class Group(Base):
    """What one study file makes."""

    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    digest: Mapped[str]  # sha256 of the file's meaning; another digest is another group
    document: Mapped[dict[str, Any]]  # the file, defaults filled in
    provenance: Mapped[dict[str, Any]]  # versions, git state, sampler, protocol
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class Study(Base):
    """One workload x one arm, and which replicate of it."""

    __tablename__ = "studies"
    __table_args__ = (UniqueConstraint("group_id", "arm", "replicate"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    name: Mapped[str] = mapped_column(unique=True)
    arm: Mapped[str]
    optimizer: Mapped[str]
    replicate: Mapped[int]
    workload: Mapped[str]
    metric: Mapped[str]
    goal: Mapped[str]
    objective: Mapped[str]
    target: Mapped[float | None]
    steps: Mapped[int]
    trials: Mapped[int]
    finalists: Mapped[int]
    finalist_seeds: Mapped[int]
    seeds: Mapped[int]
    eval_every: Mapped[int]


class StudyMetric(Base):
    """A metric that the runs of a study measure."""

    __tablename__ = "study_metrics"
    __table_args__ = (UniqueConstraint("study_id", "metric"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    metric: Mapped[str]
    goal: Mapped[str]


class Trial(Base):
    """One point of the search space; written before it trains."""

    __tablename__ = "trials"
    __table_args__ = (UniqueConstraint("study_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]  # index of the point in the design
    point: Mapped[dict[str, Any]]  # the hyperparameters that the file names, tuned and fixed
    configuration: Mapped[dict[str, Any]]  # everything that trains, defaults included


class TrialParameter(Base):
    """The point again, one hyperparameter a row, so that SQL need not read JSON."""

    __tablename__ = "trial_parameters"
    __table_args__ = _CLUSTERED
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value_number: Mapped[float | None]
    value_text: Mapped[str]


class Run(Base):
    """One training of a trial with one seed."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("trial_id", "phase", "seed"),
        Index("runs_by_state", "study_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"))
    phase: Mapped[str]
    seed: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None]  # of infeasible and failed runs


class ExecutionFacts(Base):
    """What attempts tell of their machine and program; those of one process tell the same."""

    __tablename__ = "execution_facts"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of `facts`
    facts: Mapped[dict[str, Any]]  # host, device, threads, versions; workload, optimizer's memory


class Attempt(Base):
    """One try at a run on some machine."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("run_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    number: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None]
    facts_id: Mapped[int] = mapped_column(ForeignKey("execution_facts.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    seconds: Mapped[float | None]  # all of it, the next two included
    compile_seconds: Mapped[float | None]
    evaluation_seconds: Mapped[float | None]


class MeasurementRow(Base):
    """One metric of one attempt at one step; always finite."""

    __tablename__ = "measurements"
    __table_args__ = (CheckConstraint("value between -1e308 and 1e308", name="finite"), _CLUSTERED)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    metric_id: Mapped[int] = mapped_column(ForeignKey("study_metrics.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float]


class RunMetric(Base):
    """What a completed run came to in one metric; written with the run's verdict.

    It repeats what the measurements say, so that no question has to read them all. Other runs have
    no rows.
    """

    __tablename__ = "run_metrics"
    __table_args__ = _CLUSTERED
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    metric_id: Mapped[int] = mapped_column(ForeignKey("study_metrics.id"), primary_key=True)
    final_value: Mapped[float | None]  # at the end of the budget
    best_value: Mapped[float]
    best_step: Mapped[int]  # the first with that value
    steps_to_target: Mapped[int | None]  # of the study's metric only; None if never


class SeedMedian(Base):
    """What the runs of a trial came to in one metric, over their seeds: see `seed_medians.py`.

    An infeasible run counts as the worst value; a median that falls on one is None.
    """

    __tablename__ = "seed_medians"
    __table_args__ = _CLUSTERED
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), primary_key=True)
    phase: Mapped[str] = mapped_column(primary_key=True)  # finalists or final
    metric_id: Mapped[int] = mapped_column(ForeignKey("study_metrics.id"), primary_key=True)
    seeds: Mapped[int]  # runs with a verdict
    infeasible: Mapped[int]
    reached: Mapped[int | None]  # runs at or past the target; None without one
    median: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    median_steps_to_target: Mapped[float | None]


class Lease(Base):
    """Which controller owns a group; it alone writes the group's rows."""

    __tablename__ = "leases"
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    host: Mapped[str]
    boot: Mapped[str]  # tells a restarted machine from the one that took the lease
    pid: Mapped[int]
    process_started: Mapped[float]  # tells a reused process number from the owner's
    heartbeat_at: Mapped[datetime]


class Request(Base):
    """A wish of somebody who does not own the group, for its controller; rows are only added."""

    __tablename__ = "requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    action: Mapped[str]
    author: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(default=now)


class Approval(Base):
    """Somebody gave a trial's configuration an alias; rows are only added, the newest counts."""

    __tablename__ = "approvals"
    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), index=True)
    alias: Mapped[str]
    digest: Mapped[str]  # of the document
    note: Mapped[str | None]
    author: Mapped[str]
    approved_at: Mapped[datetime] = mapped_column(default=now)
    document: Mapped[dict[str, Any] | None]  # best.yaml as approved; None before there was a column
