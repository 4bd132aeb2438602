"""``predict.py``: photos in, masks out."""

import json
import os
import sys
import threading
from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from seglab.commands.arguments import (
    Parser,
    add_views,
    check_threshold,
    positive,
    printable,
    share,
    views_of,
)
from seglab.decoding import MAX_MEGAPIXELS
from seglab.errors import ImageError, UsageError, reason_of
from seglab.files import remove_leftovers
from seglab.pipeline import in_order
from seglab.prediction_jobs import STANDARD_INPUT, Job, plan

if TYPE_CHECKING:
    from seglab.inference import Predictor

ONE_LARGE_PHOTO = threading.Lock()
"""However many cores there are, large photos take turns: memory stays that of one."""


def main(argv: list[str], project: Path) -> int:
    """Segment as the command line says; ``project`` holds ``models/``. Returns the exit code."""
    options = _parser().parse_args(argv)
    from seglab.inference import load
    from seglab.prediction_files import kinds_of
    from seglab.run_list import find_run

    run = find_run(options.model, project / "models")
    checkpoint = options.model if options.model and Path(options.model).is_file() else None
    data = sys.stdin.buffer.read() if STANDARD_INPUT in options.photos else None
    results = Path(options.output)
    if results.exists() and not results.is_dir():
        raise UsageError(f"--output {results}: is a file; name a folder")
    kinds = kinds_of(run.class_names, options.mask_only, options.cutout, options.prob)
    jobs, missing = plan(options.photos, results, kinds, data)
    workers = min(os.cpu_count() or 1, len(jobs))
    # Of many photos each is worked on by one core, a single one by all.
    threads = 1 if workers > 1 else 0
    predictor = load(
        checkpoint or run, options.backend, options.device, views_of(options), threads, options.tile
    )
    check_threshold(options.threshold, run)
    threshold = predictor.threshold if options.threshold is None else options.threshold
    say = sys.stderr if options.json else sys.stdout
    chosen = "" if options.model else ", named in models/DEFAULT"
    print(f"model {run.name}{chosen} ({predictor.backend})", file=say, flush=True)

    if options.tile and not predictor.preprocessing.takes_crops:
        print(
            f"note: {run.name} was trained on whole photos: in tiles it sees all of them larger",
            file=say,
            flush=True,
        )
    failures = [f"{printable(entry.shown)}: {entry.reason}" for entry in missing]
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    wanted = [
        job for job in jobs if not (options.skip_existing and os.path.exists(job.output("mask")))
    ]
    for folder in {job.folder for job in jobs}:
        remove_leftovers(folder)
    for job, answer in in_order(
        lambda job: _segment(job, predictor, threshold, kinds, options),
        wanted,
        1 if predictor.backend == "torch" else workers,
    ):
        try:
            print(answer(), flush=True)
        except ImageError as error:
            failures.append(printable(error))
            print(f"error: {failures[-1]}", file=sys.stderr)
        except Exception as error:  # whatever it is, the other photos are done
            failures.append(f"{printable(job.shown)}: {reason_of(error)}")
            print(f"error: {failures[-1]}", file=sys.stderr)
    if len(jobs) + len(missing) > 1:
        skipped = len(jobs) - len(wanted)
        well = len(jobs) + len(missing) - len(failures) - skipped
        print(f"{well} done, {skipped} skipped, {len(failures)} failed → {results}", file=say)
    return 1 if failures else 0


def _parser() -> Parser:
    parser = Parser("Segment photos with a trained run; results at each photo's own size.")
    add = parser.add_argument
    add("photos", nargs="+", metavar="PHOTO", help="files, folders, globs, or - (standard input)")
    add("--model", metavar="RUN", help="run folder or checkpoint [default: see models/DEFAULT]")
    add("-o", "--output", metavar="DIR", default="results", help="folder [default results]")
    add(
        "--threshold",
        type=share,
        help="foreground from this probability on [default: the run's best on validation]",
    )
    add_views(parser)
    add("--tile", action="store_true", help="in tiles at the photo's own resolution, overlapping")
    add("--mask-only", action="store_true", help="no overlay and no copy of the photo")
    add("--cutout", action="store_true", help="also the foreground with transparency")
    add("--prob", action="store_true", help="also the probability of each class, 0-255")
    add("--json", action="store_true", help="a JSON line an image on standard output")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace results [the default]")
    existing.add_argument("--skip-existing", action="store_true", help="leave existing masks alone")
    add(
        "--backend",
        choices=("auto", "onnx", "int8", "torch"),
        default="auto",
        help="[default auto]; int8: what python -m seglab.quantization made of the run",
    )
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="[default auto]")
    add(
        "--max-megapixels",
        type=positive,
        default=MAX_MEGAPIXELS,
        help=f"larger photos are refused unread [default {MAX_MEGAPIXELS:g}]",
    )
    return parser


def _segment(
    job: Job, predictor: "Predictor", threshold: float, kinds: list[str], options: Namespace
) -> str:
    """Write the results of one photo; what is to be said of it."""
    from seglab.photos import Photo
    from seglab.prediction_files import segment_and_write

    photo = Photo(job.source, options.max_megapixels)
    with ONE_LARGE_PHOTO if photo.is_large else nullcontext():
        found, seconds, written = segment_and_write(job, photo, predictor, threshold, kinds)
    low, high = found.spread.low, found.spread.high
    warning = found.spread.warning(
        found.foreground_share > 0, len(predictor.class_names), threshold
    )
    # Two classes are told by the foreground's share alone.
    several = len(predictor.class_names) > 2
    shares = found.class_shares(predictor.class_names) if options.json or several else {}
    if options.json:
        content = {
            "photo": job.shown,
            **{kind: str(path) for kind, path in written.items()},
            "foreground_share": round(found.foreground_share, 6),
            "class_shares": {name: round(share, 6) for name, share in shares.items()},
            "probability_range": [round(low, 6), round(high, 6)],
            "threshold": threshold,
            "seconds": round(seconds, 6),
            "warning": warning,
        }
        return json.dumps(content)
    told = [f"{printable(name)} {share:.1%}" for name, share in list(shares.items())[1:]]
    classes = f" ({', '.join(told)})" if several else ""
    line = (
        f"{printable(job.shown)} → {printable(written['mask'])}  foreground "
        f"{found.foreground_share:.1%}{classes}, probability {low:.2f}–{high:.2f}, "
        f"{seconds * 1000:.0f} ms"
    )
    return f"{line}\n  warning: {warning}" if warning else line
