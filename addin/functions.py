"""Every public core function as an xlwings function, made from its signature and docstring.

In Excel the functions stand in the namespace FIELD, as ``FIELD.COST_MULTIPLE``. A file
stores them as ``_xldudf_FIELD_COST_MULTIPLE``: Office's prefix, the namespace, the id.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import docstring_parser
import xlwings
from xlwings import XlwingsError

import pycore
from addin.cells import Cells, Form, cell_by_cell, to_argument, to_cell_error, to_cells
from pycore.errors import InputError

NAMESPACE = "FIELD"
STORED_PREFIX = f"_xldudf_{NAMESPACE}_"


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of an Excel function and its help."""

    name: str
    help: str


@dataclass(frozen=True, kw_only=True)
class Function:
    """An Excel function: its catalogue entry and the xlwings function behind it.

    Parameters
    ----------
    name : str
        Such as "COST_MULTIPLE".
    category, description, returns, equation, example : str
        What a person reads of it.
    arguments : tuple of Argument
        In order.
    call : callable
        Takes cells, gives cells; raises XlwingsError with a one-line reason.
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
        """Give the catalogue's entry, as the command line prints it and the task pane shows it.

        Returns
        -------
        dict
        """
        return {
            "name": self.excel_name,
            "stored_name": self.stored_name,
            "category": self.category,
            "description": self.description,
            "syntax": self.syntax,
            "arguments": [{"name": each.name, "help": each.help} for each in self.arguments],
            "returns": self.returns,
            "equation": self.equation,
            "example": self.example,
        }


@cache
def functions() -> Mapping[str, Function]:
    """Every Excel function by its name, in the order of the catalogue.

    Returns
    -------
    mapping of str to Function
    """
    made = [
        _make(topic, name, getattr(topic, name))
        for topic in pycore.TOPICS
        for name in topic.__all__
    ]
    return MappingProxyType({function.name: function for function in made})


def find(name: str) -> Function:
    """Find a function by any of its names, in any case.

    Parameters
    ----------
    name : str
        "COST_MULTIPLE", "FIELD.COST_MULTIPLE" or the stored name.

    Returns
    -------
    Function

    Raises
    ------
    InputError
        If there is none of that name.
    """
    wanted = name.strip().upper()
    for prefix in (STORED_PREFIX.upper(), f"{NAMESPACE}.", f"{NAMESPACE}_"):
        wanted = wanted.removeprefix(prefix)
    try:
        return functions()[wanted]
    except KeyError:
        rule = "be one of the functions that `python -m addin list` shows"
        raise InputError("the function's name", rule, name) from None


def _make(topic: ModuleType, name: str, core: Callable[..., Any]) -> Function:
    documented = docstring_parser.parse(
        inspect.getdoc(core) or "", docstring_parser.DocstringStyle.NUMPYDOC
    )
    helps = {param.arg_name: _one_line(param.description) for param in documented.params}
    arguments = tuple(
        Argument(name=parameter, help=helps[parameter])
        for parameter in inspect.signature(core).parameters
    )
    sections = {meta.args[0]: _one_line(meta.description) for meta in documented.meta if meta.args}
    function = Function(
        name=name.upper(),
        category=f"Fieldbook: {_topic_title(topic)}",
        description=_one_line(documented.short_description),
        returns=_one_line(documented.returns.description if documented.returns else ""),
        equation=sections["notes"],
        example=_excel_example(name, documented.examples[0].snippet or ""),
        arguments=arguments,
        call=_excel_call(name.upper(), core),
    )
    declare(function.call, function)
    return function


def _one_line(text: str | None) -> str:
    """Fold text onto one line, without the marks that only a docstring needs."""
    return " ".join((text or "").replace("`", "").split())


def _topic_title(topic: ModuleType) -> str:
    return topic.__name__.rpartition(".")[2]


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
        return "{" + ";".join(_excel_row(item) for item in value) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _excel_row(value: Any) -> str:
    cells = value if isinstance(value, list) else [value]
    return ",".join(map(_excel_literal, cells))


def _excel_call(function_name: str, core: Callable[..., Any]) -> Callable[..., Cells]:
    """Wrap a core function so that it takes and gives cells."""
    parameters = inspect.signature(core).parameters
    forms = {name: _form(str(parameter.annotation)) for name, parameter in parameters.items()}
    required = sum(p.default is inspect.Parameter.empty for p in parameters.values())

    def call(*cells: Any) -> Cells:
        try:
            if not required <= len(cells) <= len(parameters):
                few = f"{required} to " if required < len(parameters) else ""
                takes = (
                    f"{function_name} takes {few}{len(parameters)} arguments "
                    f"({', '.join(parameters)})"
                )
                raise XlwingsError(f"{takes}, but got {len(cells)}")
            arguments = [
                to_argument(name, cell, form)
                for (name, form), cell in zip(forms.items(), cells, strict=False)
            ]
            return to_cells(_answer(core, arguments))
        except XlwingsError:
            raise
        except Exception as error:
            raise to_cell_error(error, function_name) from error

    call.__name__ = function_name.lower()
    call.__qualname__ = call.__name__
    return call


def _form(annotation: str) -> Form:
    """In which form a parameter takes a range, by what it is annotated as."""
    if "Table" in annotation:
        return "rows"
    return "list" if "Sequence" in annotation else "shape"


def takes_tables(core: Callable[..., Any]) -> bool:
    """Whether a function takes whole tables or lists, and not ranges cell by cell.

    Parameters
    ----------
    core : callable
        A core function.

    Returns
    -------
    bool
    """
    parameters = inspect.signature(core).parameters.values()
    return any(_form(str(parameter.annotation)) != "shape" for parameter in parameters)


def _answer(core: Callable[..., Any], arguments: list[Any]) -> Any:
    """Call the core once for all cells; only where that fails, once for each."""
    try:
        return core(*arguments)
    except InputError:
        if takes_tables(core):
            raise
        return cell_by_cell(core, arguments)


def declare(call: Callable[..., Cells], function: Function) -> None:
    """Declare a callable to xlwings as an Excel function, with its help.

    ``xlwings.func`` is the decorator of the host that runs us: xlwings Server's or Lite's
    where that is the host, the classic one on Windows, and elsewhere one that does nothing.
    The functions are pure, so a client may cache their answers.

    Parameters
    ----------
    call : callable
        Takes and gives cells; its name is the function's id in the host.
    function : Function
        Whose help it shows.
    """
    call.__doc__ = function.description
    # xlwings reads types from annotations and would convert cells by them; ours are raw.
    call.__annotations__ = {}
    # No defaults: xlwings would fill a blank cell with them, and blank is not zero.
    position = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [argument.name for argument in function.arguments]
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, position) for name in names]
    )
    for argument in function.arguments:
        xlwings.arg(argument.name, doc=argument.help, ndim=2, err_to_str=True)(call)
    # Last, because every declaration of an argument sets these back.
    xlwings.func(category=function.category, cache=True)(call)
