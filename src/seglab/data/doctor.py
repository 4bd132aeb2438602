"""The dataset doctor: what is wrong with the files of a dataset, all of it at once.

An integrity check before training, in the manner of nnU-Net (arXiv:1809.10486), with a search for
pictures that stand in two splits.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seglab.data.cache import Progress
from seglab.data.doubles import doubles, own_splits
from seglab.data.fact_cache import gather
from seglab.data.facts import TURNED, Facts
from seglab.data.findings import TITLES, Finding, Kind, Severity, remedy
from seglab.data.sample import Dataset, Record, Split
from seglab.labels import BACKGROUND, IGNORE


@dataclass(frozen=True)
class Diagnosis:
    """What a check found: ``findings`` by kind and name; of ``files`` so many were ``read`` now,
    the others are as an earlier check saw them; all in ``seconds``."""

    dataset: Dataset
    findings: tuple[Finding, ...]
    files: int
    read: int
    seconds: float

    def count(self, severity: Severity) -> int:
        """Number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check(dataset: Dataset, progress: Progress | None = None) -> Diagnosis:
    """Read what is not known yet and tell what is wrong. Never raises over a broken file.

    ``dataset`` comes from ``sources.survey_dataset``, so that files without a partner are told too.
    """
    began, read = time.perf_counter(), 0

    def count(done: int, total: int) -> None:
        nonlocal read
        read += 1
        if progress:
            progress(done, total)

    facts = gather(dataset, count)
    findings = examine(dataset, facts)
    seconds = time.perf_counter() - began
    return Diagnosis(dataset, findings, 2 * len(facts), 2 * read, seconds)


def examine(dataset: Dataset, facts: Mapping[Record, Facts]) -> tuple[Finding, ...]:
    """The findings that follow from the facts; pairs without any are passed over."""
    found = [*_without_partner(dataset), *doubles(dataset, facts)]
    for split in own_splits(dataset):
        for record in dataset.splits.get(split, ()):
            if record in facts:
                found += _of_pair(dataset.source, record, split, facts[record])
    order = list(TITLES)
    return tuple(
        sorted(found, key=lambda one: (order.index(one.kind), one.severity, one.sample, one.files))
    )


def by_kind(findings: Iterable[Finding]) -> dict[Kind, list[Finding]]:
    """Findings of each kind that occurs, in the order in which they are told."""
    groups: dict[Kind, list[Finding]] = {kind: [] for kind in TITLES}
    for finding in findings:
        groups[finding.kind].append(finding)
    return {kind: group for kind, group in groups.items() if group}


def _without_partner(dataset: Dataset) -> Iterator[Finding]:
    what_to_do = remedy("missing", dataset.source)
    for file in dataset.unpaired:
        yield Finding(
            "missing", "error", file.path.stem, None, (file.path,), file.problem, what_to_do
        )
    if dataset.source != "folder":
        for name in dataset.missing:
            files = (
                dataset.root / "images" / f"{name}.jpg",
                dataset.root / "annotations" / "trimaps" / f"{name}.png",
            )
            there = [path.exists() for path in files]
            # Neither there: a partial copy, which training reports and does without.
            severity: Severity = "error" if any(there) else "warning"
            problem = "neither its image nor its mask is there"
            if any(there):
                problem = "its mask is not there" if there[0] else "its image is not there"
            yield Finding("missing", severity, name, None, files, problem, what_to_do)


def _of_pair(source: str, record: Record, split: Split, facts: Facts) -> Iterator[Finding]:
    def finding(kind: Kind, severity: Severity, problem: str, *files: Path) -> Finding:
        leave_out = () if split == "test" else (record.name,)
        what_to_do = remedy(kind, source)
        return Finding(kind, severity, record.name, split, files, problem, what_to_do, leave_out)

    both = (record.image, record.mask)
    for path, file in zip(both, (facts.image, facts.mask), strict=True):
        which = "image" if path is record.image else "mask"
        if file.state == "missing":
            yield finding("missing", "error", f"its {which} {file.reason}", path)
        elif file.state == "unreadable":
            yield finding("unreadable", "error", f"its {which} {file.reason}", path)
        elif file.state == "no mask":
            yield finding("mask values", "error", f"its mask {file.reason}", path)
    if facts.unknown:
        values = ", ".join(map(str, facts.unknown[:8])) + (", …" if len(facts.unknown) > 8 else "")
        known = "values that are not in the label map"
        yield finding("mask values", "error", f"its mask holds {known}: {values}", record.mask)
    if facts.image.state == facts.mask.state == "fine":
        fit = _fit(facts)
        if fit:
            yield finding(fit[0], fit[1], fit[2], *both)
    if facts.mask.state == "fine" and not facts.unknown:
        blank = _blankness(facts.pixels)
        if blank:
            yield finding("blank", "warning", f"its mask {blank}", *both)


def _fit(facts: Facts) -> tuple[Kind, Severity, str] | None:
    """Whether the mask lies on its image: kind, severity and problem."""
    image, mask = facts.image, facts.mask
    sizes = f"the image is {image.width}×{image.height} pixels, the mask {mask.width}×{mask.height}"
    turned = image.orientation in TURNED, mask.orientation in TURNED
    if (image.height, image.width) != (mask.height, mask.width):
        raw = [
            (file.width, file.height) if file.orientation in TURNED else (file.height, file.width)
            for file in (image, mask)
        ]
        if turned[0] != turned[1] and raw[0] == raw[1]:
            return "exif", "error", f"{sizes}: EXIF turns one of them and not the other"
        return "size", "error", sizes
    if image.orientation == mask.orientation:
        return None
    if turned[0] != turned[1] and image.height != image.width:
        return None  # they differ on disk and agree upright: drawn on the upright picture
    return (
        "exif",
        "warning",
        f"EXIF orientation {image.orientation} turns or mirrors the image, {mask.orientation} "
        "its mask: they may not fit",
    )


def _blankness(pixels: Mapping[int, int]) -> str | None:
    counted = sum(number for class_id, number in pixels.items() if class_id != IGNORE)
    if not counted:
        return "holds nothing that is counted"
    if pixels.get(BACKGROUND, 0) == counted:
        return "holds no foreground"
    return "is foreground everywhere" if not pixels.get(BACKGROUND, 0) else None
