"""The functions that xlwings Server tells Excel of: all of Fieldbook's, as it looks for them here.

Their calls are computed in other processes, see :mod:`addin.server.calls`.
"""

from __future__ import annotations

from addin.excel_functions import *  # noqa: F403
