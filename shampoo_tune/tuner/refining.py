"""The next round of a group: its study file with spaces refined by what the search has shown.

Everything that makes arms comparable stays: workload, metric, target, budget, schedule. Points,
seeds and scrambles are new.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.tuner.lineage import next_replicate
from shampoo_tune.tuner.refined_space import refined_arm
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS, WITHHELD
from shampoo_tune.tuner.search_evidence import SearchEvidence, search_evidence
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_file.file_errors import KeyPath
from shampoo_tune.tuner.study_file.loading import Study, render_yaml
from shampoo_tune.tuner.study_file.root_keys import NAME
from shampoo_tune.tuner.study_file.sections import Parent, Search
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.tuner.submission import study_of_document

_ROUND = re.compile(r"(.+)-round([0-9]+)")


@dataclass(frozen=True)
class NextRound:
    """A study and why it is as it is.

    Attributes:
        study: ready to be launched.
        comments: what to say above the keys of its file.
    """

    study: Study
    comments: Mapping[KeyPath, str]

    def to_yaml(self) -> str:
        """The study file."""
        return render_yaml(self.study, self.comments)


def next_round(connection: Connection, name: str) -> NextRound:
    """The round after a group, or after one arm of it.

    Args:
        connection: any transaction.
        name: `group`, `group/arm`, or a replicate of it: the replicates of an arm share a space,
            so the next one is refined from all of them.

    Raises:
        NotFoundError: there is no such group or arm.
        ConditionNotMetError: a search is unfinished, or nothing in it was feasible.
    """
    group = queries.require_group(connection, name.partition("/")[0])
    arms = _studies_by_arm(load_studies(connection, group.name), name)
    evidence = {arm: search_evidence(studies) for arm, studies in arms.items()}
    before = study_of_document(group.document)
    refined = {arm: refined_arm(before.arm(arm), found) for arm, found in evidence.items()}
    study = replace(
        before,
        name=_next_name(before, group.name, list(arms)),
        search=_next_search(before.search),
        arms=tuple(new.arm for new in refined.values()),
        parent=Parent(
            group=group.name,
            digest=group.digest,
            replicates=next_replicate(connection, group.id),
        ),
    )
    comments = _comments(group.name, before, evidence)
    for arm, new in refined.items():
        comments |= {("optimizers", arm, name): why for name, why in new.reasons.items()}
    return NextRound(study, comments)


def _next_search(before: Search) -> Search:
    sampler = "halton" if before.sampler in ADAPTIVE_SAMPLERS else before.sampler
    return before.model_copy(update={"sampler": sampler, "seed": before.seed + 1})


def _studies_by_arm(studies: Sequence[StudyData], name: str) -> dict[str, list[StudyData]]:
    arms: dict[str, list[StudyData]] = {}
    for study in studies:
        arms.setdefault(study.arm, []).append(study)
    arm = name.partition("/")[2].partition("#")[0]
    if "/" not in name:
        return arms
    if arm not in arms:
        known = ", ".join(study.name for study in studies)
        raise NotFoundError(f"no study {name!r}; the group has {known}")
    return {arm: arms[arm]}


def _next_name(before: Study, group: str, arms: Sequence[str]) -> str:
    """The group's name with the number of the round; and with the arm's if others stay behind."""
    base = group if NAME.fullmatch(group) else before.name
    number = 2
    if match := _ROUND.fullmatch(base):
        base, number = match[1], int(match[2]) + 1
    if len(arms) < len(before.arms):
        base = "-".join([base, *arms])
    ending = f"-round{number}"
    return base[: 100 - len(ending)] + ending


def _comments(
    group: str, before: Study, evidence: Mapping[str, SearchEvidence]
) -> dict[KeyPath, str]:
    beginning = (
        f"Refined from {group}. Ranges are the hull of the best trials with a margin, a third of"
        " the old range at least, rounded outward."
    )
    if before.search.sampler in ADAPTIVE_SAMPLERS:
        beginning += f"\n{WITHHELD}: no range is widened. The design of this round is Halton's."
    seeds = "Replicates are numbered from `replicates` on: no seed of an earlier round comes again."
    comments: dict[KeyPath, str] = {(): beginning, ("parent",): seeds}
    for arm, found in evidence.items():
        said = f"{found.feasible} of {found.trials} trials were feasible;"
        said += f" the best {len(found.leaders)} decide."
        if before.arm(arm).enqueue:
            said += " Enqueued points were left out, and are not tried again."
        comments["optimizers", arm] = said
    return comments
