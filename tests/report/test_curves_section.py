"""The section of training curves: each class of several, none of two."""

from pathlib import Path

from seglab.report.curves_section import curves_section
from seglab.run_names import unique_names
from seglab.runs import Run
from tests.run_folders import write_evaluated_run

ODD = "<b>leaf & stem</b>"


def with_rows(folder: Path, **figures: float) -> Run:
    run = write_evaluated_run(folder, [0.5, 0.6])
    row = {"train_loss": 0.5, "val_loss": 0.4, "val_dataset_iou": 0.6} | figures
    run.write_rows([{"epoch": epoch} | row for epoch in (1, 2)])
    return run


def test_each_class_has_a_chart_where_there_are_several(tmp_path: Path) -> None:
    several = with_rows(tmp_path / "several", **{"val_iou_soil": 0.7, f"val_iou_{ODD}": 0.4})
    runs = [with_rows(tmp_path / "two"), several]
    page = str(curves_section(runs, unique_names(runs)))
    assert page.count('class="chart"') == 3
    assert "Dataset IoU of each class" in page
    assert "IoU of soil" in page
    assert ODD not in page


def test_two_classes_have_two_charts(tmp_path: Path) -> None:
    runs = [with_rows(tmp_path / "two")]
    assert str(curves_section(runs, unique_names(runs))).count('class="chart"') == 2
