"""Whether a database is whole: what `db check` asks of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from shampoo_tune.storage.tables import Base
from shampoo_tune.storage.views import VIEWS

_SHOWN = 5  # problems of one kind


@dataclass(frozen=True)
class Check:
    """A rule that a database is held to, and where it is broken."""

    rule: str
    problems: tuple[str, ...]


# What transactions keep true, as queries for rows that break it: one text each.
_RULES = {
    "every trial has its parameters and its search run": """
        select s.name || ' trial ' || t.number from trials t join studies s on s.id = t.study_id
        where not exists (select 1 from runs r where r.trial_id = t.id and r.phase = 'search')
           or not exists (select 1 from trial_parameters p where p.trial_id = t.id)""",
    "every run with a verdict has the attempt that gave it": """
        select s.name || ' seed ' || r.seed || ' is ' || r.state
        from runs r join studies s on s.id = r.study_id
        where r.state in ('completed', 'infeasible') and 'completed' <> coalesce(
          (select a.state from attempts a where a.run_id = r.id order by a.number desc limit 1), '')
        """,
    "every completed run has its values, and no other run has": """
        select s.name || ' seed ' || r.seed || ' is ' || r.state
        from runs r join studies s on s.id = r.study_id
        join study_metrics m on m.study_id = s.id and m.metric = s.metric
        left join run_metrics v on v.run_id = r.id and v.metric_id = m.id
        where (r.state = 'completed') <> (v.run_id is not null)""",
    "the values of completed runs are those that were measured": """
        select s.name || ' seed ' || r.seed || ' ' || m.metric
        from run_metrics v join runs r on r.id = v.run_id join studies s on s.id = r.study_id
        join study_metrics m on m.id = v.metric_id
        join attempts a on a.run_id = r.id
          and a.number = (select max(number) from attempts where run_id = r.id)
        left join measurements l
          on l.attempt_id = a.id and l.metric_id = m.id and l.step = s.steps
        left join measurements b
          on b.attempt_id = a.id and b.metric_id = m.id and b.step = v.best_step
        where coalesce(l.value, 1e300) <> coalesce(v.final_value, 1e300)
           or coalesce(b.value, 1e300) <> v.best_value""",
    "medians over seeds are those of the runs": """
        select distinct s.name || ' trial ' || t.number || ' ' || x.phase || ' ' || m.metric
        from (select * from (select * from computed_medians except select * from seed_medians) a
              union all
              select * from (select * from seed_medians except select * from computed_medians) b) x
        join trials t on t.id = x.trial_id join studies s on s.id = t.study_id
        join study_metrics m on m.id = x.metric_id""",
    "only the last attempt of a running run is running": """
        select s.name || ' seed ' || r.seed || ' attempt ' || a.number
        from attempts a join runs r on r.id = a.run_id join studies s on s.id = r.study_id
        where a.state = 'running' and (r.state <> 'running'
          or a.number < (select max(number) from attempts where run_id = r.id))""",
}


def check(connection: Connection) -> list[Check]:
    """Every rule with the problems found, none if the database is whole.

    A file that is not sound is asked nothing more.

    Args:
        connection: a read transaction in a database of the current schema version.
    """
    checks = []
    if connection.dialect.name == "sqlite":
        checks = [Check("the file is sound", tuple(_file_problems(connection)))]
        if checks[0].problems:
            return checks  # nothing that is read from it means anything
    checks.append(
        Check("the tables are those of this version", tuple(_schema_problems(connection)))
    )
    for rule, query in _RULES.items():
        checks.append(Check(rule, tuple(_rows(connection, query))))
    return checks


def _file_problems(connection: Connection) -> Iterator[str]:
    try:
        found = connection.exec_driver_sql("pragma integrity_check").scalars().all()
    except DatabaseError as error:  # so damaged that SQLite cannot go on looking
        found = [str(error.orig)]
    if found != ["ok"]:
        yield from found
        return
    for table, row, parent, _ in connection.exec_driver_sql("pragma foreign_key_check").all():
        yield f"row {row} of {table} refers to a row of {parent} that does not exist"


def _schema_problems(connection: Connection) -> Iterator[str]:
    for difference in compare_metadata(MigrationContext.configure(connection), Base.metadata):
        yield str(difference)
    known = set(connection.dialect.get_view_names(connection))
    yield from (f"the view {name} is missing" for name in VIEWS if name not in known)


def _rows(connection: Connection, query: str) -> Iterator[str]:
    rows = connection.scalars(text(query)).all()
    yield from rows[:_SHOWN]
    if len(rows) > _SHOWN:
        yield f"and {len(rows) - _SHOWN} more"
