"""Names and options of views."""

import pytest

from seglab.views import ONE_LOOK, Views

ENDINGS = {
    ONE_LOOK: "",
    Views(flip=True): "-flip",
    Views(scales=(1.0, 1.25)): "-scales-1-1.25",
    Views(True, (0.75, 1.0)): "-flip-scales-0.75-1",
    Views(scales=(1.25,)): "-scales-1.25",
}


@pytest.mark.parametrize(("views", "ending"), ENDINGS.items())
def test_an_ending_names_its_views(views: Views, ending: str) -> None:
    assert views.ending == ending
    assert Views.from_ending(ending) == views
    assert Views.from_dict(views.as_dict()) == views


@pytest.mark.parametrize(
    "ending", ["-flipped", "flip", "-scales", "-scales-", "-scales-1.2.3", "-x"]
)
def test_anything_else_names_none(ending: str) -> None:
    assert Views.from_ending(ending) is None


def test_an_evaluation_from_before_there_were_scales_has_one() -> None:
    assert Views.from_dict({"flip": True}) == Views(flip=True)


def test_options_and_words() -> None:
    assert ONE_LOOK.options() == []
    assert ONE_LOOK.in_words() == ""
    both = Views(True, (1.0, 1.25))
    assert both.options() == ["--flip", "--scales", "1", "1.25"]
    assert both.in_words() == "flip averaging, sizes × 1, 1.25"
