"""A process for the server's pool that does what it is asked: answer, wait for a file, or die."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def say(head: dict[str, object], content: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head | {"bytes": len(content)}).encode() + b"\n" + content)
    sys.stdout.flush()


def main() -> None:
    say({}, b"")
    while line := sys.stdin.buffer.readline():
        head = json.loads(line)
        content = sys.stdin.buffer.read(head["bytes"])
        if head["do"] == "die":
            os._exit(1)
        if head["do"] == "wait":
            gate = Path(os.fsdecode(content))
            (gate / f"begun-{os.getpid()}-{head['name']}").touch()
            while not (gate / "open").exists():
                time.sleep(0.01)
        say({"pid": os.getpid()}, content)


if __name__ == "__main__":
    main()
