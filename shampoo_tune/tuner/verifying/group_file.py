"""The study file that a group was made from, where its workload is installed."""

import re
from collections.abc import Mapping
from typing import Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.study_file.loading import Study
from shampoo_tune.tuner.submission import study_of_document
from shampoo_tune.workloads.known import KNOWN_WORKLOADS

_PACKAGE = re.compile(r"[\w.-]{1,100}", re.ASCII)  # what may be shown of somebody's report


def file_of(document: Mapping[str, Any], provenance: Mapping[str, Any]) -> Study:
    """The validated file.

    Raises:
        InvalidInputError: it is none, or its workload belongs to a package that is missing here.
    """
    section = document.get("workload")
    name = section.get("name") if isinstance(section, Mapping) else None
    package = provenance.get("workload", {}).get("package", {})
    words = [str(package.get(key)) for key in ("name", "version")] if package else []
    if (
        isinstance(name, str)
        and name not in KNOWN_WORKLOADS
        and all(map(_PACKAGE.fullmatch, words))
    ):
        of = f" of the package {' '.join(words)}" if words else ""
        raise InvalidInputError(
            f"the workload {name!r}{of} is not installed here: without it neither the chain can be"
            " checked nor a run trained"
        )
    return study_of_document(document)
