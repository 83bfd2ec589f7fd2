"""The scripts that xlwings Server serves, as it looks for them here."""

from __future__ import annotations

from addin.server.scripts import next_problem as next_problem
