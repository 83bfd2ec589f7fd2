"""The functions that xlwings Server serves: all of Fieldbook's, as it looks for them here."""

from __future__ import annotations

from addin.server.calls import served

globals().update(served())
