"""What evaluation adds to a run folder: figures, a row an image, the threshold."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seglab.errors import RunError
from seglab.files import write_text
from seglab.run_files import RunFiles
from seglab.untrusted_files import MOST_MEGABYTES_OF_TEXT, check, read_text
from seglab.views import ONE_LOOK, Views

if TYPE_CHECKING:
    import pandas

EVALUATION_FORMAT = 2
"""Counted up when the content of an evaluation changes its meaning."""
DEFAULT_THRESHOLD = 0.5


class RunEvaluations(RunFiles):
    """The results in a run folder: measured on a split, at a size, with views of each photo."""

    def evaluation(
        self, split: str, size: str = "network", views: Views = ONE_LOOK
    ) -> dict[str, Any] | None:
        """The reductions on a split, or ``None`` where not evaluated. Raises ``RunError``."""
        return self._read_object(self.evaluation_path(split, size, views))

    def evaluated_names(
        self, split: str, size: str = "network", views: Views = ONE_LOOK
    ) -> list[str] | None:
        """The images of ``evaluation_table`` alone, in a tenth of its time. Raises ``RunError``."""
        path = self.evaluation_path(split, size, views, ".csv")
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from error
        if '"' in text:  # a name that holds a comma
            return [row[0] for row in csv.reader(io.StringIO(text)) if row][1:]
        return [line.partition(",")[0] for line in text.splitlines() if line][1:]

    def evaluation_table(
        self, split: str, size: str = "network", views: Views = ONE_LOOK
    ) -> "pandas.DataFrame | None":
        """A row an image, or ``None`` where not evaluated. Raises ``RunError``."""
        import pandas

        path = self.evaluation_path(split, size, views, ".csv")
        text_columns = {"name": str, "breed": str, "species": str}
        try:
            # A breed or a file may be called "nan": only numbers have missing values.
            check(path, self.folder, MOST_MEGABYTES_OF_TEXT)
            table = pandas.read_csv(path, dtype=text_columns, keep_default_na=False)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from error
        figures = table[[column for column in table if column not in text_columns]]
        wrong = figures.columns.difference(figures.select_dtypes("number").columns)
        if len(wrong):
            raise RunError(f"{path}: {wrong[0]} is not a number in every row; measure it again")
        return table

    def write_evaluation(
        self, content: dict[str, Any], table: str, path: Path | None = None
    ) -> Path:
        """Replace the results on ``content``'s split, size and views, or those at ``path``: the
        JSON, whose path is returned, and the CSV beside it."""
        measured = content["split"], content["size"], Views.from_dict(content)
        path = path or self.evaluation_path(*measured)
        write_text(path.with_name(f"{path.stem}.csv"), table)
        write_text(path, json.dumps(content, indent=2) + "\n")
        return path

    @property
    def threshold(self) -> float:
        """From which probability on a pixel is foreground, as swept on validation, else 0.5.

        Raises ``RunError``.
        """
        found = self.threshold_curve()
        return DEFAULT_THRESHOLD if found is None else float(found["value"])

    def threshold_curve(self) -> dict[str, Any] | None:
        """The sweep on validation: ``value``, ``figure``, ``curve``; ``None`` before one was made.

        Raises ``RunError``.
        """
        content = self._read_object(self.threshold_path)
        if content is None:
            return None
        value = content.get("value")
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise RunError(f"{self.threshold_path}: value is not a number from 0 to 1")
        return content

    def write_threshold(self, content: dict[str, Any]) -> None:
        """Replace the sweep."""
        write_text(self.threshold_path, json.dumps(content, indent=2) + "\n")

    def _read_object(self, path: Path) -> dict[str, Any] | None:
        try:
            content = json.loads(read_text(path, self.folder))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from error
        if not isinstance(content, dict):
            raise RunError(f"{path}: is not a JSON object")
        return content
