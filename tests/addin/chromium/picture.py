"""The picture of the task pane that the README shows: python -m tests.addin.chromium.picture."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pycore
from tests.addin.chromium.harness import ROOT, Pane, Server, browsing, missing, serving

PICTURE = ROOT / "addin" / "server_project" / "taskpane.png"


def main() -> None:
    """Open the pane, one function unfolded, and save what it shows."""
    if lack := missing():
        sys.exit(lack)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Server(Path(folder) / "log")) as server,
        browsing() as browser,
    ):
        page = browser.new_page(viewport={"width": 380, "height": 980}, device_scale_factor=2)
        # The version without the hash of the source, or every picture would be another.
        page.route(
            "**/fieldbook/version",
            lambda route: route.fulfill(json={"version": pycore.__version__}),
        )
        pane = Pane(page, server.url)
        pane.open()
        page.locator("summary").first.click()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=PICTURE)
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
