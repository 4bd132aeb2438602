"""Work in a forked process: everything is imported already, so that only the work itself counts."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seglab.errors import SeglabError


def in_child(
    call: Callable[[], Any],
    prepare: Callable[[], None] | None = None,
    output: Path = Path(os.devnull),
) -> int:
    """The exit code of a process that prepares, then calls; negative: the signal that ended it.

    What it prints goes into ``output``. A number that ``call`` gives is the exit code.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            if output != Path(os.devnull):
                os.dup2(file, 2)
            if prepare:
                prepare()
            answer = call()
            code = answer if isinstance(answer, int) else 0
        except SeglabError as error:
            print(error, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
