"""`schema`: what it prints is the schema that the files are tested with."""

import json

from shampoo_tune.tuner.study_file.schema import study_file_schema
from shampoo_tune.workloads.known import KNOWN_WORKLOADS
from tests.conftest import Run


def test_it_prints_one_json_document(shampoo_tune: Run) -> None:
    assert json.loads(shampoo_tune("schema").stdout) == study_file_schema(KNOWN_WORKLOADS)
