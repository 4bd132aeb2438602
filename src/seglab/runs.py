"""The run folder: training writes it, evaluation adds to it, everything else reads it.

Nothing else knows what is inside; the files' names are in ``run_files``.
"""

import contextlib
import csv
import io
import json
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seglab.errors import RunError, UsageError, reason_of
from seglab.files import replacing, write_text
from seglab.run_evaluations import RunEvaluations
from seglab.untrusted_files import load_tensors, read_text

if TYPE_CHECKING:
    import pandas

    from seglab.config import Experiment
    from seglab.labels import Colours
    from seglab.preprocessing import Preprocessing

FORMAT = 1
Row = dict[str, float]


class Run(RunEvaluations):
    """One run folder.

    Use ``Run.create`` to train into it and ``Run.open`` for everything else.
    """

    @staticmethod
    def check_free(folder: Path) -> None:
        """Raises ``UsageError`` where a new run would come into a folder that holds anything."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"--run_dir {folder}: is there already; name another one, or go on with it: "
                f"--resume {folder}"
            )

    @classmethod
    def create(cls, folder: Path, config: dict[str, Any]) -> "Run":
        """A new run folder with its ``config.json``; never into an existing run.

        Raises ``UsageError`` when the folder holds anything, ``RunError`` when it cannot be made.
        """
        cls.check_free(folder)
        run = cls(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            run.write_config(config)
        except OSError as error:
            with contextlib.suppress(OSError):
                folder.rmdir()  # nothing is in it yet
            raise RunError(f"{folder}: cannot be written ({error.strerror})") from error
        return run

    @classmethod
    def open(cls, folder: Path | str) -> "Run":
        """An existing run, its ``config.json`` checked. Raises ``RunError`` with the reason."""
        folder = Path(folder)
        if not folder.is_dir():
            raise RunError(f"{folder}: there is no such run folder")
        run = cls(folder)
        config = run.config
        for key in ("experiment", "data", "preprocessing", "network", "environment"):
            if not isinstance(config.get(key), dict):
                raise RunError(f"{run.config_path}: the part {key!r} is missing")
        return run

    @cached_property
    def config(self) -> dict[str, Any]:
        """The content of ``config.json``. Raises ``RunError``."""
        try:
            content = json.loads(read_text(self.config_path, self.folder))
        except FileNotFoundError as error:
            raise RunError(f"{self.folder}: holds no config.json; it is not a run") from error
        except json.JSONDecodeError as error:
            raise RunError(f"{self.config_path}: is not JSON (line {error.lineno})") from error
        except (OSError, ValueError, RecursionError) as error:
            raise RunError(f"{self.config_path}: cannot be read ({error})") from error
        if not isinstance(content, dict):
            raise RunError(f"{self.config_path}: is not a JSON object")
        return content

    @cached_property
    def experiment(self) -> "Experiment":
        """The run's experiment. Raises ``RunError`` when it does not validate."""
        from pydantic import ValidationError

        from seglab.config import Experiment
        from seglab.schema import explain

        try:
            return Experiment.model_validate(self.config["experiment"])
        except ValidationError as error:
            raise RunError(f"{self.config_path}: {explain(error)}") from error

    @cached_property
    def preprocessing(self) -> "Preprocessing":
        """How photos were treated. Raises ``RunError``."""
        from seglab.preprocessing import Preprocessing

        try:
            return Preprocessing.from_dict(self.config["preprocessing"])
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"{self.config_path}: preprocessing is broken ({error})") from error

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, background first. Raises ``RunError``."""
        labels = self.config["data"].get("label_map")
        names = labels.get("class_names") if isinstance(labels, dict) else None
        if not isinstance(names, list) or len(names) < 2:
            raise RunError(f"{self.config_path}: data.label_map.class_names is missing")
        return tuple(str(name) for name in names)

    @property
    def class_colours(self) -> "Colours":
        """The colours chosen for classes, by class id. Raises ``RunError``."""
        from seglab.labels import chosen_colours

        names = self.class_names
        try:
            by_name = self.config["experiment"].get("data", {}).get("colours", {})
            return chosen_colours(names, by_name)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RunError(f"{self.config_path}: data.colours is broken") from error

    @property
    def output(self) -> str:
        """``sigmoid`` or ``softmax``."""
        return str(self.config.get("network", {}).get("output", "sigmoid"))

    @property
    def first_runs(self) -> tuple[str, ...]:
        """Names of the runs whose weights it began with: of several with their mean."""
        names = self.config.get("init_from") or []
        return tuple(map(str, names)) if isinstance(names, list) else (str(names),)

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return "result" in self.config

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace ``config.json``."""
        write_text(self.config_path, json.dumps({"format": FORMAT} | config, indent=2) + "\n")
        self.__dict__.pop("config", None)

    def rows(self) -> list[Row]:
        """``metrics.csv`` as a list; empty before the first epoch's end. Raises ``RunError``."""
        try:
            text = read_text(self.metrics_path, self.folder)
            return [
                {key: float(value) if value else math.nan for key, value in row.items()}
                for row in csv.DictReader(io.StringIO(text))
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
            raise RunError(f"{self.metrics_path}: cannot be read ({error})") from error

    def metrics(self) -> "pandas.DataFrame":
        """``metrics.csv`` as a table, ``epoch`` counted from 1. Raises ``RunError``."""
        import pandas

        return pandas.DataFrame(self.rows())

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Replace ``metrics.csv``; what a row lacks is an empty cell, and read as NaN."""
        text = io.StringIO()
        if rows:
            # The first rows of a resumed run may be an earlier version's, of fewer columns.
            columns = dict.fromkeys(name for row in rows for name in row)
            writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                {key: int(value) if key == "epoch" else repr(value) for key, value in row.items()}
                for row in rows
            )
        write_text(self.metrics_path, text.getvalue())

    def write_training_samples(self, samples: Sequence[tuple[str, str]]) -> None:
        """Write (name, split) of every sample that training sees."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["name", "split"])
        writer.writerows(samples)
        write_text(self.samples_path, text.getvalue())

    def training_samples(self) -> set[str] | None:
        """Names of the training and validation samples, ``None`` where no list was kept.

        Raises ``RunError``.
        """
        try:
            text = read_text(self.samples_path, self.folder)
            return {row["name"] for row in csv.DictReader(io.StringIO(text))}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, csv.Error) as error:
            raise RunError(f"{self.samples_path}: cannot be read ({error})") from error

    def save_weights(self, path: Path, content: dict[str, Any]) -> None:
        """Replace a file of tensors and plain values."""
        import torch

        with replacing(path) as temporary:
            torch.save(content, temporary)

    def load_weights(self, path: Path | None = None) -> dict[str, Any]:
        """A file that ``save_weights`` wrote (default the best). Raises ``RunError``.

        Only tensors and plain values are read: a stranger's file runs no code.
        """
        path = path or self.checkpoint_path
        try:
            content = load_tensors(path, path.parent)
        except FileNotFoundError as error:
            raise RunError(f"{self.folder}: holds no {path.name} yet; train it first") from error
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path}: is not a checkpoint of weights and plain values ({reason_of(error)})"
            ) from error
        if not isinstance(content, dict) or not isinstance(content.get("weights"), dict):
            raise RunError(f"{path}: holds no weights")
        return content
