"""The form of the evidence in a report. It comes from anybody: nothing of it is believed."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import AttemptState, GroupState, Phase, RunState
from shampoo_tune.tuner.measured_values import LARGEST, METRIC_NAME
from shampoo_tune.tuner.study_file.root_keys import NAME
from shampoo_tune.tuner.thread_settings import THREAD_VARIABLES

_LARGEST_WHOLE = 2**53
_Whole = Annotated[int, Field(ge=0, le=_LARGEST_WHOLE)]
_Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
_Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Variable = Annotated[str, Field(pattern=f"^({'|'.join(THREAD_VARIABLES)})$")]
_Count = Annotated[str, Field(pattern="^[0-9]{1,4}$")]
_Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
_Lenient = Field(strict=False)  # a text that names a member


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Open(BaseModel):
    """Further keys are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True)


class AttemptForm(_Strict):
    """One try at a run; `measured` is the step, then the value of each metric."""

    state: Annotated[AttemptState, _Lenient]
    facts: _Whole
    seconds: Annotated[list[_Value | None], Field(min_length=3, max_length=3)]
    curve: _Sha256 | None = None
    measured: list[Annotated[list[_Value | None], Field(min_length=2)]] = []

    @field_validator("measured")
    @classmethod
    def _steps(cls, rows: list[list[float | None]]) -> list[list[float | None]]:
        steps = [row[0] for row in rows]
        if any(step is None or step != int(step) or step < 1 for step in steps):
            raise ValueError("steps must be whole numbers from 1")
        return rows


class RunForm(_Strict):
    """A run with its attempts."""

    trial: _Whole
    phase: Annotated[Phase, _Lenient]
    seed: _Whole
    state: Annotated[RunState, _Lenient]
    reason: str | None = None
    attempts: list[AttemptForm]


class StudyForm(_Strict):
    """A study: its metrics, its points in the order of the design, its runs."""

    name: str
    metrics: list[Annotated[str, Field(pattern=f"^{METRIC_NAME}$")]]
    design: _Sha256
    points: list[dict[str, bool | int | float | str | None]]
    runs: list[RunForm]


class _Git(_Open):
    commit: str
    dirty: bool


class _Facts(_Open):
    device_kind: str = ""
    jaxlib: str = ""
    workload_fingerprint: str = ""
    optimizer_state_bytes: _Whole = 0
    packages: dict[str, str | None] = {}
    git: _Git | None = None
    threads: dict[_Variable, _Count | None] = {}


class _Protocol(_Open):
    name: str
    version: int


class _Workload(_Open):
    description: str
    arguments: dict[str, Any]
    package: dict[str, str] = {}


class _Program(_Strict):
    digest: _Sha256
    argv: list[str]


class _Ladder(_Open):
    looks: Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=1)]

    @field_validator("looks")
    @classmethod
    def _increase(cls, looks: list[int]) -> list[int]:
        if looks != sorted(set(looks)):
            raise ValueError("must increase")
        return looks


class _Provenance(_Open):
    packages: dict[str, str | None]
    python: str
    git: _Git | None
    protocol: _Protocol
    sampler: str
    workload: _Workload
    ladder: _Ladder | None = None
    program: _Program | None = None


class GroupForm(_Strict):
    """A group."""

    name: _Name
    state: Annotated[GroupState, _Lenient]
    digest: _Sha256
    created_at: Annotated[AwareDatetime, _Lenient]
    document: dict[str, Any]
    provenance: dict[str, Any]
    facts: list[dict[str, Any]]
    studies: list[StudyForm]

    @field_validator("provenance")
    @classmethod
    def _provenance(cls, told: dict[str, Any]) -> dict[str, Any]:
        _Provenance.model_validate(told)
        return told

    @field_validator("facts")
    @classmethod
    def _facts(cls, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for facts in told:
            _Facts.model_validate(facts)
        return told


class EvidenceForm(_Strict):
    """The evidence of a group, which is the last, and of those that its report speaks of."""

    schema_: Annotated[Literal["shampoo-tune/evidence/v1"], Field(alias="schema")]
    written_by: dict[str, Any]
    digest: _Sha256
    groups: Annotated[list[GroupForm], Field(min_length=1)]


def read_evidence(document: Any) -> EvidenceForm:
    """The evidence of a JSON value.

    Raises:
        InvalidInputError: it has not that form; the first thing that is wrong is named.
    """
    try:
        return EvidenceForm.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(map(str, first["loc"])).encode("unicode_escape").decode()
        raise InvalidInputError(f"the report's data are broken: {path}: {first['msg']}") from None
