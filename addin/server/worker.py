"""A process that computes calls for the server, one at a time: ``python -m addin.server.worker``.

Whatever takes long (reading a body, checking it, computing, writing the answer) happens here, so
that the server itself always answers, and can end a call that nobody waits for any more by ending
its process. Questions come on stdin and answers go to stdout, each as a line of JSON, which says
how many bytes follow, and these bytes. With the word "yielding" it leaves the processor to others.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from addin.server.start import prepare

YIELDING = "yielding"
NICENESS = 19


class OverrunError(BaseException):
    """A call took more of the processor than it may.

    No error of the computation, so nothing on its way out makes a cell's error of it.
    """


def main() -> None:
    """Answer what comes until nothing more will."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server says when it is over
    if YIELDING in sys.argv and hasattr(os, "nice"):
        os.nice(NICENESS)
    prepare()
    # Whatever is printed goes to the log, and never between two answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from addin.server import log
    from addin.server.answers import answered

    log.set_up()
    questions: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, questions.put), daemon=True).start()
    _write(answers, {}, b"")  # ready
    runner = asyncio.Runner()
    while True:
        question, body = questions.get()
        began = time.process_time()
        try:
            _limit(question["seconds"])
            answer = runner.run(answered(question["script"], body))
            _limit(0)
        except OverrunError:
            runner.close()
            runner = asyncio.Runner()
            _write(answers, {"overrun": True}, b"")
            continue
        # Not by the clock: on a busy machine every call takes long.
        seconds = time.process_time() - began
        head = asdict(answer.asked) | {"status": answer.status, "seconds": seconds}
        _write(answers, head, answer.content)


def _limit(seconds: float) -> None:
    """Have OverrunError raised after such a time of the processor, where the system can; 0: not."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, _overrun)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _overrun(*_: object) -> None:
    raise OverrunError


def _listen(stream: BinaryIO, take: Callable[[tuple[dict[str, Any], bytes]], None]) -> None:
    """Take questions; end the process, whatever it computes, when the server has gone."""
    while line := stream.readline():
        head = json.loads(line)
        take((head, stream.read(head["bytes"])))
    os._exit(0)


def _write(stream: BinaryIO, head: dict[str, Any], content: bytes) -> None:
    stream.write(json.dumps(head | {"bytes": len(content)}).encode() + b"\n" + content)
    stream.flush()


if __name__ == "__main__":
    main()
