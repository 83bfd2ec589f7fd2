"""The catalogue of functions, for the task pane's template.

xlwings Server imports a module of this name when it starts, if a project has one. The
catalogue goes with the page, so that it is there even while the server is not.
"""

from __future__ import annotations

from typing import Any

from xlwings_server.templates import templates

from addin.functions import Function, functions


def _entry(function: Function) -> dict[str, Any]:
    return {
        "name": function.excel_name,
        "stored_name": function.stored_name,
        "category": function.category,
        "description": function.description,
        "syntax": function.syntax,
        "arguments": [{"name": each.name, "help": each.help} for each in function.arguments],
        "returns": function.returns,
        "equation": function.equation,
        "example": function.example,
    }


templates.env.globals["catalogue"] = [_entry(function) for function in functions().values()]
