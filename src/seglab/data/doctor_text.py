"""What the doctor found, as text for a person or as JSON for a machine."""

import json
from collections.abc import Sequence
from typing import Any

from seglab.data.doctor import Diagnosis, by_kind
from seglab.data.findings import TITLES, Finding
from seglab.data.sample import SPLITS

MOST_LINES = 20
"""Findings of a kind that the text lists; the JSON has all."""


def as_text(diagnosis: Diagnosis) -> str:
    """Findings grouped by kind, and a summary as the last line."""
    lines = []
    for kind, findings in by_kind(diagnosis.findings).items():
        lines.append(f"{TITLES[kind]}: {counted(findings)}")
        lines += [f"  {_line(finding)}" for finding in findings[:MOST_LINES]]
        if len(findings) > MOST_LINES:
            lines.append(f"  … and {len(findings) - MOST_LINES:,} more; --json lists all")
        lines += [f"  → {what}" for what in dict.fromkeys(one.remedy for one in findings)]
        lines.append("")
    return "\n".join([*lines, summary(diagnosis)])


def summary(diagnosis: Diagnosis) -> str:
    """One line: what was looked at, how fast, and how many findings of which severity."""
    dataset = diagnosis.dataset
    parts = [f"{len(dataset.splits.get(split, ())):,} {split}" for split in SPLITS]
    how = f"{diagnosis.read:,} read now, the others unchanged since an earlier check"
    if diagnosis.read == diagnosis.files:
        rate = diagnosis.files / max(diagnosis.seconds, 1e-3)
        how = f"read in {diagnosis.seconds:.1f} s, {rate:,.0f} a second"
    verdict = counted(diagnosis.findings) if diagnosis.findings else "nothing is wrong"
    return f"{dataset.root}: {', '.join(parts)}; {diagnosis.files:,} files ({how}): {verdict}"


def as_json(diagnosis: Diagnosis) -> str:
    """The same as one JSON object, every finding listed."""
    dataset = diagnosis.dataset
    content = {
        "data": {
            "source": dataset.source,
            "root": str(dataset.root),
            "fingerprint": dataset.fingerprint(),
            "counts": {split: len(dataset.splits.get(split, ())) for split in SPLITS},
            "excluded": list(dataset.excluded),
        },
        "files": diagnosis.files,
        "files_read": diagnosis.read,
        "seconds": round(diagnosis.seconds, 3),
        "errors": diagnosis.count("error"),
        "warnings": diagnosis.count("warning"),
        "kinds": {kind: len(found) for kind, found in by_kind(diagnosis.findings).items()},
        "findings": [_plain(finding) for finding in diagnosis.findings],
    }
    return json.dumps(content, indent=2)


def counted(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``: both numbers, each where it is not 0."""
    words = []
    for severity in ("error", "warning"):
        number = sum(finding.severity == severity for finding in findings)
        if number:
            words.append(f"{number:,} {severity}{'' if number == 1 else 's'}")
    return ", ".join(words)


def _line(finding: Finding) -> str:
    where = f" ({finding.split})" if finding.split else ""
    files = ", ".join(str(path) for path in finding.files)
    return f"{finding.severity}: {finding.sample}{where}: {finding.problem} [{files}]"


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "sample": finding.sample,
        "split": finding.split,
        "files": [str(path) for path in finding.files],
        "problem": finding.problem,
        "remedy": finding.remedy,
        "leave_out": list(finding.leave_out),
    }
