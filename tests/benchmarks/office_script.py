"""Run by a Python that has uno: recalculates files in a running office, timing each.

Arguments: the pipe's name, and for how many seconds to seek it. Prints "ready", then reads
lines of two URLs and prints the seconds that loading, computing and storing took. At the end
of its input it closes the office.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any

import uno

NoConnect = uno.getClass("com.sun.star.connection.NoConnectException")
Disposed = uno.getClass("com.sun.star.lang.DisposedException")


def main() -> None:
    pipe, patience = sys.argv[1], float(sys.argv[2])
    desktop = connect(pipe, time.monotonic() + patience)
    print("ready", flush=True)
    try:
        for line in sys.stdin:
            source, target = line.rstrip("\n").split("\t")
            print(recalculate(desktop, source, target), flush=True)
    finally:
        with contextlib.suppress(Disposed):  # it may go away while it answers
            desktop.terminate()


def connect(pipe: str, until: float) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    while True:
        try:
            context = resolver.resolve(url)
            return context.ServiceManager.createInstance("com.sun.star.frame.Desktop")
        except NoConnect:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def recalculate(desktop: Any, source: str, target: str) -> float:
    start = time.perf_counter()
    document = desktop.loadComponentFromURL(source, "_blank", 0, (option("Hidden", True),))
    document.calculateAll()
    document.storeToURL(target, (option("FilterName", "Calc MS Excel 2007 XML"),))
    seconds = time.perf_counter() - start
    document.close(True)
    return seconds


def option(name: str, value: Any) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


main()
