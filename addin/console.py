"""What the command lines share: bad input and interruptions end in one plain line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from xlwings import XlwingsError

from pycore.errors import InputError

BAD_INPUT = 2
INTERRUPTED = 130


def run(command: Callable[[], None]) -> int:
    """Run a command and turn the errors that a person can mend into a line on stderr.

    Parameters
    ----------
    command : callable
        Takes nothing and prints its answer.

    Returns
    -------
    int
        The exit status: 0, 2 for bad input, 130 if it was interrupted.
    """
    try:
        command()
        sys.stdout.flush()
    except (InputError, XlwingsError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
