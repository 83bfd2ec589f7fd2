"""The catalogue of functions, for the task pane's template.

xlwings Server imports a module of this name when it starts, if a project has one. The
catalogue goes with the page, so that it is there even while the server is not.
"""

from __future__ import annotations

from xlwings_server.templates import templates

from addin.functions import functions

templates.env.globals["catalogue"] = [function.entry() for function in functions().values()]
