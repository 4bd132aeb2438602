"""What the dataset doctor says, in the form the tests compare."""

from pathlib import Path
from typing import Any

from seglab.data.doctor import Diagnosis, check
from seglab.data.sources import survey_dataset
from tests.helpers import tiny_experiment


def diagnosis(root: Path, source: str = "folder", **data: Any) -> Diagnosis:
    experiment = tiny_experiment(data={"source": source, "root": str(root)} | data)
    return check(survey_dataset(experiment))


def told(found: Diagnosis) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.severity, finding.sample) for finding in found.findings]
