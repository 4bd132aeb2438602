"""A model card (Mitchell et al. 2019, arXiv:1810.03993) written from what a run folder holds."""

from typing import Any

from seglab.first_weights import in_words, listed
from seglab.reproduction import train_command
from seglab.runs import Run

FIGURES = {
    "iou": "IoU",
    "dice": "Dice (F1)",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "boundary_iou": "boundary IoU",
    "boundary_f1": "boundary F1",
}

PETS = (
    "Oxford-IIIT Pet (Parkhi, Vedaldi, Zisserman and Jawahar, *Cats and Dogs*, CVPR 2012): photos "
    "of cats and dogs of 37 breeds, each with a trimap of pet, border and background. The dataset "
    "is for research use; none of it is in this folder. The weights were learnt from it: take its "
    "terms into account."
)
DRAWN = "Pets drawn by `seglab.data.synthetic` from a seed; no photo was used."
FOLDER = "A folder of images and masks of the person who trained it; ask them for its terms."


def model_card(run: Run) -> str:
    """Markdown: what it does, data, protocol, figures with intervals, limits, how to reproduce.

    Raises ``RunError`` where the run was not evaluated on its test part.
    """
    from seglab.errors import RunError

    evaluation = run.evaluation("test")
    if evaluation is None:
        raise RunError(f"{run.folder}: not evaluated yet: python evaluate.py {run.folder}")
    parts = [
        f"# {run.name}",
        _what(run),
        f"## Data\n\n{_data(run)}",
        f"## Protocol\n\n{_protocol(run, evaluation)}",
        f"## Figures\n\n{_figures(evaluation)}{_at_original(run)}",
        f"## Limits\n\n{_limits(run, evaluation)}",
        f"## How to reproduce\n\n{_reproduction(run, evaluation)}",
    ]
    return "\n\n".join(parts) + "\n"


def _what(run: Run) -> str:
    network, described = run.experiment.network, run.config["network"]
    return (
        f"Segments {' and '.join(run.class_names[1:])} in photos: a {network.name} of "
        f"{described['parameters'] / 1e6:.2f} M parameters, "
        f"{described['multiply_adds'] / 1e9:.2f} G multiply-adds an image, trained "
        f"{_first_weights(run)}. "
        f"`python predict.py photo.jpg --model models/{run.name}`"
    )


def _first_weights(run: Run) -> str:
    if run.first_runs:
        soup = " (a model soup, Wortsman et al. 2022, arXiv:2203.05482)"
        return f"from {in_words(_first_runs(run))}{soup * (len(run.first_runs) > 1)}"
    if run.experiment.network.encoder_weights != "none":
        return "from an encoder's weights that were learnt elsewhere"
    return "from scratch"


def _data(run: Run) -> str:
    data, source = run.config["data"], run.config["data"]["source"]
    text = {"oxford_pet": PETS, "synthetic": DRAWN}.get(source, FOLDER)
    counts = data["counts"]
    balance = ", ".join(f"{name} {share:.1%}" for name, share in data["class_balance"].items())
    return (
        f"{text}\n\n{counts['train']} training, {counts['val']} validation and {counts['test']} "
        f"test pairs; pixels of the training part: {balance}. Names of the training and "
        "validation samples: `training-samples.csv`."
    )


def _protocol(run: Run, evaluation: dict[str, Any]) -> str:
    experiment, side = run.experiment, run.preprocessing.image_size
    border = f" The trimap's border counts as {experiment.border}."
    if experiment.data.source == "folder":
        border = ""
    if experiment.data.crop:
        protocol = f"Photos are measured at their own size, in overlapping tiles of {side}×{side}"
    else:
        protocol = (
            f"Photos are brought to {side}×{side} pixels ({experiment.data.resize}) and measured "
            "there: not the protocol of figures published at another size"
        )
    before = ", on top of those whose weights it began with" if run.first_runs else ""
    text = (
        f"{protocol}.{border} Trained for {experiment.trainer.max_epochs} epochs with seed "
        f"{experiment.trainer.seed}{before}; the best epoch "
        f"({run.config['result']['best_epoch']}) was chosen by {experiment.trainer.monitor} "
        "on validation"
    )
    chosen = "Nothing was chosen on the test part"
    if experiment.data.validation == "test":
        chosen = "Validation was the test part itself, so the figures are too good"
    if run.threshold_curve() is not None:
        text += f", and so was the threshold {run.threshold:g}"
    return (
        f"{text}. {chosen}: {evaluation['images']} "
        f"images, 95 % intervals ({evaluation['interval']['method']}; they do not cover the "
        "randomness of training). `dataset` pools all pixels, `mean image` is the mean of each "
        "image's figure."
    )


def _figures(evaluation: dict[str, Any]) -> str:
    lines = ["| figure | dataset | mean image |", "|---|---|---|"]
    lines += [
        f"| {shown} | {_interval(evaluation[f'dataset_{name}'])} | "
        f"{_interval(evaluation[f'mean_image_{name}'])} |"
        for name, shown in FIGURES.items()
    ]
    error = evaluation["calibration"]["expected_calibration_error"]
    lines.append(f"\nExpected calibration error {_interval(error)}.")
    return "\n".join(lines)


def _at_original(run: Run) -> str:
    """The headline figures at the photos' own size, where they were measured."""
    evaluation = run.evaluation("test", "original")
    if evaluation is None:
        return ""
    return (
        "\n\nAt the photos' own size "
        f"(`python evaluate.py models/{run.name} --at original`): dataset IoU "
        f"{_interval(evaluation['dataset_iou'])}, mean image IoU "
        f"{_interval(evaluation['mean_image_iou'])}, boundary IoU "
        f"{_interval(evaluation['mean_image_boundary_iou'])} (mean over images)."
    )


def _limits(run: Run, evaluation: dict[str, Any]) -> str:
    sentences = [
        f"It knows the classes {', '.join(run.class_names)} and nothing else: whatever is in a "
        "photo becomes one of them. Photos unlike its training data (other subjects, drawings, "
        "medical or aerial images) give masks that mean nothing. It was not made for, and must "
        "not be used for, decisions about people."
    ]
    sizes = evaluation["groups"].get("object_size", {})
    if {"small", "large"} <= sizes.keys():
        sentences.append(
            f"Small objects (up to {sizes['small']['foreground_share_high']:.0%} of the photo) "
            f"are harder: dataset IoU {sizes['small']['dataset_iou']['value']:.3f}, against "
            f"{sizes['large']['dataset_iou']['value']:.3f} of large ones."
        )
    breeds = evaluation["groups"].get("breed", {})
    if len(breeds) > 3:
        worst = sorted(breeds, key=lambda name: breeds[name]["mean_image_iou"]["value"])[:3]
        named = ", ".join(f"{name} {breeds[name]['mean_image_iou']['value']:.3f}" for name in worst)
        sentences.append(f"Breeds with the lowest mean image IoU: {named}.")
    return " ".join(sentences)


def _reproduction(run: Run, evaluation: dict[str, Any]) -> str:
    made = run.config["environment"]
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    command = train_command(run.experiment, run.first_runs)
    before = ""
    if run.first_runs:
        several = len(run.first_runs) > 1
        are = "are runs of their own, which have" if several else "is a run of its own, which has"
        before = f"{listed(_first_runs(run))} {are} to be trained first.\n\n"
    return (
        f"```bash\n{command}\npython evaluate.py models/{run.name}\n```\n\n{before}"
        f"Made on: {made['device']}, {made['precision']}, {made['system']}, Python "
        f"{made['python']}, {packages}; commit `{made['git_commit']}`. Another machine or number "
        "format rounds differently and ends near these figures, not on them."
    )


def _first_runs(run: Run) -> list[str]:
    return [f"`{name}`" for name in run.first_runs]


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.4f} [{figure['low']:.4f}, {figure['high']:.4f}]"
