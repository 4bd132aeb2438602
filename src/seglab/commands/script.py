"""How every script ends: errors as one line, exit codes as documented."""

import sys
from collections.abc import Callable

from seglab.errors import Interrupted, SeglabError, reason_of


def run_script(main: Callable[[list[str]], int]) -> int:
    """Call ``main`` with the command line and turn its errors into a line and an exit code.

    0 all done, 1 some input failed, 2 wrong usage, 130 interrupted. ``--debug`` anywhere on the
    command line shows tracebacks instead.
    """
    argv = sys.argv[1:]
    if "--debug" in argv:
        return main([argument for argument in argv if argument != "--debug"])
    try:
        return main(argv)
    except SeglabError as error:
        print(f"error: {error}", file=sys.stderr)
        for detail in error.details:
            print(f"  {detail}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, Interrupted):
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away; Python would complain at exit once more.
        sys.stdout = None  # type: ignore[assignment]
        return 0
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        print(f"error: {named}{reason_of(error)}", file=sys.stderr)
        return 1
    except MemoryError:
        print(
            "error: the memory is used up; take smaller images or a smaller batch", file=sys.stderr
        )
        return 1
    except ModuleNotFoundError as error:
        print(
            f"error: the package {error.name} is not installed; run 'make setup', or "
            "'pip install -r requirements.txt'",
            file=sys.stderr,
        )
        return 1
