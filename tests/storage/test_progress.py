"""Progress is counted from the rows; owners that are not heard of are told."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import text, update

from shampoo_tune.storage import lease, progress, queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.storage.tables import Lease, now
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory


def test_a_revision_changes_with_every_verdict(tmp_path: Path) -> None:
    seen = []
    for runs in range(4):
        folder = tmp_path / str(runs)
        folder.mkdir()
        laboratory = PretendedLaboratory(folder)
        laboratory.run(quick_study(), lambda point, seed: 0.9, runs=runs)
        with laboratory.read() as connection:
            (study,) = progress.all_studies(connection)
            revision = progress.revisions(connection)[study.id]
            assert progress.revisions(connection, study.id) == {study.id: revision}
        laboratory.close()
        seen.append(revision)
    assert len(set(seen)) == 4
    assert dict(seen[2])["completed"] == 2


def test_an_owner_is_stale_after_half_a_minute_of_silence(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(), lambda point, seed: 0.9, runs=1)
    laboratory.close()
    with create_or_open(address) as database:
        with database.write() as connection:
            group = queries.require_group(connection, "quick")
            lease.acquire(connection, group.id)
        with database.read() as connection:
            assert [owner.stale for owner in progress.controllers(connection)] == [False]
        with database.write() as connection:
            old = now() - timedelta(seconds=lease.EXPIRY_SECONDS + 1)
            connection.execute(update(Lease).values(heartbeat_at=old))
        with database.read() as connection:
            (owner,) = progress.controllers(connection)
    assert (owner.group, owner.stale) == ("quick", True)


def test_only_verdicts_of_the_time_asked_for_are_counted(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    begin = now()
    laboratory.run(quick_study(), lambda point, seed: 0.9)
    with laboratory.read() as connection:
        (study,) = progress.all_studies(connection)
        done = connection.scalar(text("select count(*) from attempts where state = 'completed'"))
        assert progress.verdicts_since(connection, [study.id], begin) == done
        assert progress.verdicts_since(connection, [study.id], now()) == 0
        assert progress.verdicts_since(connection, [], begin) == 0
    laboratory.close()
