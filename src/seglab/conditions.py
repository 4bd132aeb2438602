"""What a measurement holds for, and what sets two of them apart, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from seglab.labels import IGNORE
from seglab.views import ONE_LOOK, Views


@dataclass(frozen=True)
class Conditions:
    """What a measurement holds for. Two runs are ranked only where all of it is equal.

    All of it is of what was measured: runs trained on other samples are compared all the same.
    ``image_size`` (pixels) and ``resize`` are ``None`` at the photos' own size; ``mask_values``:
    (value in a mask file, class id); ``images``: names, sorted; ``truth``: how many pixels of
    each class they truly have together, which tells two datasets of equal names apart.
    ``folds``: where the test parts of a cross-validation were pooled, the fold of each image;
    ``views``: whether the network's answers to several looks at a photo were averaged.
    """

    split: str
    image_size: int | None
    resize: str | None
    class_names: tuple[str, ...]
    mask_values: tuple[tuple[int, int], ...]
    images: tuple[str, ...]
    truth: tuple[int, ...]
    folds: tuple[int, ...] = ()
    views: Views = ONE_LOOK

    def differences(self, other: "Conditions") -> list[str]:
        """What is otherwise here than in ``other``, each in words; empty when comparable."""
        found = []
        if self.split != other.split:
            found.append(f"measured on the {self.split} split, not {other.split}")
        if self.image_size != other.image_size:
            found.append(f"measured at {self.size_in_words()}, not {other.size_in_words()}")
        elif self.resize != other.resize:
            found.append(f"photos resized by {self.resize}, not {other.resize}")
        if self.views != other.views:
            found.append(f"measured with {self.looks_in_words()}, not {other.looks_in_words()}")
        if bool(self.folds) != bool(other.folds):
            found.append(f"measured on the {self.part_in_words()}, not the {other.part_in_words()}")
        elif self.images != other.images:
            common = len(set(self.images) & set(other.images))
            found.append(
                f"other images ({len(self.images):,}, not {len(other.images):,}; {common:,} common)"
            )
        if self.class_names != other.class_names:
            found.append(
                f"classes {', '.join(self.class_names)}, not {', '.join(other.class_names)}"
            )
        elif self.mask_values != other.mask_values:
            found.append(self._other_meanings(other))
        if not found and self.truth != other.truth:
            found.append("other masks under the same names")
        if not found and self.folds != other.folds:
            found.append("dealt into other folds")
        return found

    @property
    def several_classes(self) -> bool:
        """Whether there are more classes than background and foreground."""
        return len(self.class_names) > 2

    def part_in_words(self) -> str:
        """``test split``, or that of each of so many folds."""
        split = f"{self.split} split"
        return f"{split} of each of {len(set(self.folds))} folds" if self.folds else split

    def size_in_words(self) -> str:
        """``128 pixels``, or the photos' own size."""
        return "the photos' own size" if self.image_size is None else f"{self.image_size} pixels"

    def looks_in_words(self) -> str:
        """``a single look``, or what was averaged."""
        return self.views.in_words() or "a single look"

    def _other_meanings(self, other: "Conditions") -> str:
        mine, theirs = dict(self.mask_values), dict(other.mask_values)
        words = [
            f"mask value {value} is {self._meaning(mine, value)}, "
            f"not {self._meaning(theirs, value)}"
            for value in sorted(mine.keys() | theirs.keys())
            if mine.get(value) != theirs.get(value)
        ]
        return ", ".join(words)

    def _meaning(self, values: Mapping[int, int], value: int) -> str:
        if value not in values:
            return "unknown"
        class_id = values[value]
        if class_id == IGNORE:
            return "ignored"
        return dict(enumerate(self.class_names)).get(class_id, f"class {class_id}")
