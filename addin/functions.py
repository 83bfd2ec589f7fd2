"""The catalogue of the Excel functions, made from the core's signatures and docstrings.

In Excel the functions stand in the namespace FIELD, as ``FIELD.COST_MULTIPLE``. A file
stores them as ``_xldudf_FIELD_COST_MULTIPLE``: Office's prefix, the namespace, the id.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import docstring_parser

import pycore
from addin.cells import Cells, on_cells
from pycore.errors import InputError

NAMESPACE = "FIELD"
STORED_PREFIX = f"_xldudf_{NAMESPACE}_"

ADDRESS = "FIELDBOOK_ADDRESS"
"""The variable with the address at which people reach the server, set by the server itself."""


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of an Excel function and its help."""

    name: str
    help: str


@dataclass(frozen=True, kw_only=True)
class Function:
    """An Excel function: its catalogue entry and what computes it.

    Parameters
    ----------
    name : str
        Such as "COST_MULTIPLE".
    category, description, returns, equation, example : str
        What a person reads of it.
    arguments : tuple of Argument
        In order.
    call : callable
        Takes cells, gives cells; raises RefusedError with a one-line reason.
    """

    name: str
    category: str
    description: str
    returns: str
    equation: str
    example: str
    arguments: tuple[Argument, ...]
    call: Callable[..., Cells]

    @property
    def excel_name(self) -> str:
        """The name that a person types in Excel."""
        return f"{NAMESPACE}.{self.name}"

    @property
    def stored_name(self) -> str:
        """The name that a file stores."""
        return f"{STORED_PREFIX}{self.name}"

    @property
    def syntax(self) -> str:
        """The formula with its arguments' names."""
        return f"{self.excel_name}({', '.join(argument.name for argument in self.arguments)})"

    def entry(self) -> dict[str, Any]:
        """Give the catalogue's entry, as the command line prints it and the task pane shows it."""
        return {
            "name": self.excel_name,
            "stored_name": self.stored_name,
            "category": self.category,
            "description": self.description,
            "syntax": self.syntax,
            "arguments": [asdict(each) for each in self.arguments],
            "returns": self.returns,
            "equation": self.equation,
            "example": self.example,
        }


@cache
def functions() -> Mapping[str, Function]:
    """Every Excel function by its name, in the order of the catalogue."""
    made = [_make(topic, name) for topic in pycore.TOPICS for name in topic.__all__]
    return MappingProxyType({function.name: function for function in made})


def find(name: str) -> Function:
    """Find a function: "COST_MULTIPLE", "FIELD.COST_MULTIPLE" or the stored name, in any case.

    Raises InputError if there is none of that name.
    """
    wanted = name.strip().upper()
    for prefix in (STORED_PREFIX.upper(), f"{NAMESPACE}.", f"{NAMESPACE}_"):
        wanted = wanted.removeprefix(prefix)
    try:
        return functions()[wanted]
    except KeyError:
        rule = "be one of the functions that `python -m addin list` shows"
        raise InputError("the function's name", rule, name) from None


def help_url(name: str) -> str | None:
    """Give the address of the help on a function: its entry in the server's catalogue.

    None where no server runs: the catalogue has no other home that Excel could open.
    """
    address = os.environ.get(ADDRESS)
    return f"{address}/taskpane.html#{name}" if address else None


def _make(topic: ModuleType, name: str) -> Function:
    core = getattr(topic, name)
    documented = docstring_parser.parse(
        inspect.getdoc(core) or "", docstring_parser.DocstringStyle.NUMPYDOC
    )
    helps = {param.arg_name: _one_line(param.description) for param in documented.params}
    sections = {meta.args[0]: _one_line(meta.description) for meta in documented.meta if meta.args}
    return Function(
        name=name.upper(),
        category=f"Fieldbook: {topic.__name__.rpartition('.')[2]}",
        description=_one_line(documented.short_description),
        returns=_one_line(documented.returns.description if documented.returns else ""),
        equation=sections["notes"],
        example=_excel_example(name, documented.examples[0].snippet or ""),
        arguments=tuple(
            Argument(name=parameter, help=helps[parameter])
            for parameter in inspect.signature(core).parameters
        ),
        call=on_cells(name.upper()),
    )


def _one_line(text: str | None) -> str:
    """Fold text onto one line, without the marks that only a docstring needs."""
    return " ".join((text or "").replace("`", "").split())


def _excel_example(name: str, snippet: str) -> str:
    """Write the call that a docstring shows as an Excel formula."""
    tree = ast.parse(snippet.strip().removeprefix(">>> ").splitlines()[0])
    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    )
    arguments = [_excel_literal(ast.literal_eval(argument)) for argument in call.args]
    return f"={NAMESPACE}.{name.upper()}({', '.join(arguments)})"


def _excel_literal(value: Any) -> str:
    if isinstance(value, list):
        rows = [row if isinstance(row, list) else [row] for row in value]
        return "{" + ";".join(",".join(map(_excel_literal, row)) for row in rows) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)
