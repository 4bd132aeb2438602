"""A comparison for other programs: CSV with a row an experiment, JSON with everything."""

import csv
import io
import json
from typing import Any

from seglab.comparable import EVALUATED, Estimate, iou_of
from seglab.comparison_notes import notes
from seglab.comparison_results import Comparison, Pair, Row, Table
from seglab.intervals import FEW, LEVEL, RESAMPLES, SEED
from seglab.paired import TIE_WIDTH

PLAIN = ("val_loss", "parameters", "multiply_adds", "cpu_milliseconds", "seconds", "epochs")


def as_csv(comparison: Comparison) -> str:
    """A row a run or experiment of several seeds: values are means over seeds where ``_sd`` is
    filled, ``table`` counts the groups of comparable runs from 1. Each of several classes has its
    dataset IoU."""
    classes = [
        iou_of(name)
        for table in comparison.tables
        if table.conditions.several_classes
        for name in table.conditions.class_names
    ]
    with_intervals = (*EVALUATED, *dict.fromkeys(classes))
    columns = ["table", "run", "seeds"]
    for name in with_intervals:
        columns += [name, f"{name}_low", f"{name}_high", f"{name}_sd"]
    for name in PLAIN:
        columns += [name, f"{name}_sd"]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for number, table in enumerate(comparison.tables, 1):
        for row in table.rows:
            cells: dict[str, Any] = {"table": number, "run": row.name}
            cells["seeds"] = " ".join(map(str, row.seeds))
            for name in (*with_intervals, *PLAIN):
                found = row.figures.get(name)
                if found is None:
                    continue
                parts = {"": found.value, "_sd": found.sd}
                if name in with_intervals:
                    parts |= {"_low": found.low, "_high": found.high}
                cells |= {f"{name}{ending}": value for ending, value in parts.items()}
            writer.writerow(cells)
    return text.getvalue()


def as_json(comparison: Comparison) -> str:
    """Tables, pairs, what stands apart and how the intervals were made; figures unrounded."""
    content = {
        "split": comparison.split,
        "size": comparison.size,
        **comparison.views.as_dict(),
        "tables": [_table(table) for table in comparison.tables],
        "apart": [
            {"run": apart.run.name, "folder": str(apart.run.folder), "reason": apart.reason}
            for apart in comparison.apart
        ],
        "interval": {
            "level": LEVEL,
            "method": "paired bootstrap over images, and over seeds where there are several; of "
            f"fewer than {FEW} images Student's t over images, of pooled folds a jackknife over "
            "folds with Student's t",
            "resamples": RESAMPLES,
            "seed": SEED,
            "tie_width": TIE_WIDTH,
        },
        "notes": notes(comparison),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _table(table: Table) -> dict[str, Any]:
    conditions = table.conditions
    return {
        "images": len(conditions.images),
        "image_size": conditions.image_size,
        "resize": conditions.resize,
        "truth_pixels": dict(zip(conditions.class_names, conditions.truth, strict=False)),
        "label_map": {
            "class_names": list(conditions.class_names),
            "values": {str(value): class_id for value, class_id in conditions.mask_values},
        },
        "differs_from_first": list(table.differs),
        "rows": [_row(row) for row in table.rows],
        "pairs": [_pair(pair) for pair in table.pairs],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "folders": [str(run.folder) for run in row.runs],
        "seeds": list(row.seeds),
        "folds": row.folds,
        "figures": {
            name: None if figure is None else _figure(figure)
            for name, figure in row.figures.items()
        },
        "best": sorted(row.best),
        "runs": [_row(member) for member in row.members],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "a": pair.first.name,
        "b": pair.second.name,
        "difference": _figure(pair.difference),
        "wins": pair.wins,
        "ties": pair.ties,
        "losses": pair.losses,
        "verdict": pair.verdict,
        "covers": pair.covers,
    }


def _figure(figure: Estimate) -> dict[str, float]:
    if figure.sd is not None:
        return {"mean": figure.value, "sd": figure.sd, "seeds": figure.seeds}
    if figure.low is not None and figure.high is not None:
        return {"value": figure.value, "low": figure.low, "high": figure.high}
    return {"value": figure.value}
