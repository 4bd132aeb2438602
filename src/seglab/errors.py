"""The errors a person may meet: one line that says what is wrong and what to do."""


class SeglabError(Exception):
    """Base of the errors whose text is meant for the person at the keyboard.

    ``details`` holds further lines, one finding each (every broken file of a dataset, say).
    """

    exit_code = 1

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


class UsageError(SeglabError):
    """A wrong key, value or combination on the command line or in a configuration file."""

    exit_code = 2


class DataError(SeglabError):
    """A dataset that is absent, incomplete or contradictory."""


class ImageError(SeglabError):
    """One image file that cannot be used."""


class RunError(SeglabError):
    """A run folder that is absent, broken or not fit for what was asked of it."""


class TrainingError(SeglabError):
    """A training that cannot go on; what was saved before stays as it is."""


class Interrupted(BaseException):
    """The person (Ctrl-C) or the system (SIGTERM) asked to stop.

    Not an ``Exception``: nothing on the way up may mistake it for a failure.
    """


def reason_of(error: Exception) -> str:
    """What an exception says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
