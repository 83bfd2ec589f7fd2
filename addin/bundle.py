"""Modules of ours made into one: the definitions that are needed, in their order.

Of each module come the statements at its top level that the wanted definitions lead to, with
their comments and docstrings. A name of another module loses its prefix (``checks.answer``
becomes ``answer``), and imports of our own modules fall away; nothing else is changed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from types import ModuleType

WIDTH = 100

PACKAGES = ("pycore", "addin")

Place = tuple[str, str]
"""Where a definition stands: the module's name and its own."""


class BundleError(Exception):
    """The sources cannot be made into one module as they stand."""


@dataclass(frozen=True)
class Piece:
    """A statement at the top level of a module, with what belongs to it.

    Parameters
    ----------
    module : str
        The module that it stands in.
    names : tuple of str
        What it defines.
    blank_lines : int
        How many stand above it.
    text : str
        Its lines, with the comments above it and the docstring below it.
    uses : frozenset of Place
        The definitions of ours that it refers to.
    imports : frozenset of str
        The lines that import what it uses from elsewhere.
    """

    module: str
    names: tuple[str, ...]
    blank_lines: int
    text: str
    uses: frozenset[Place]
    imports: frozenset[str]


def in_order(modules: Iterable[ModuleType]) -> tuple[ModuleType, ...]:
    """Modules of ours and all that they use, each after those that it uses.

    Parameters
    ----------
    modules : iterable of module

    Returns
    -------
    tuple of module
    """
    uses: dict[str, list[str]] = {}
    waiting = [module.__name__ for module in modules]
    while waiting:
        name = waiting.pop()
        if name not in uses:
            tree = ast.parse(inspect.getsource(sys.modules[name]))
            found = {each for each in _imported(tree) if each in sys.modules} - {name}
            uses[name] = sorted(found)  # a set's own order is another in each process
            waiting += uses[name]
    return tuple(sys.modules[each] for each in TopologicalSorter(uses).static_order())


def _imported(tree: ast.Module) -> Iterator[str]:
    """The modules in packages of ours that a module imports from at its top level."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            package = node.module.partition(".")[0]
            if package in PACKAGES:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
                if node.module != package:
                    yield node.module


def needed(modules: Sequence[ModuleType], wanted: Iterable[Place]) -> list[Piece]:
    """Take modules apart and keep what some definitions need.

    Parameters
    ----------
    modules : sequence of module
        Each after those that it uses.
    wanted : iterable of Place
        The definitions to begin with.

    Returns
    -------
    list of Piece
        In order; no two define one name.

    Raises
    ------
    BundleError
        If something is not defined at the top level of a module, or one name would stand
        for two things.
    """
    known = {module.__name__ for module in modules}
    pieces = [piece for module in modules for piece in _pieces(module, known)]
    by_place = {(piece.module, name): piece for piece in pieces for name in piece.names}
    waiting, reached = list(wanted), set[Place]()
    while waiting:
        place = waiting.pop()
        if place not in by_place:
            raise BundleError(f"{'.'.join(place)} is not defined at the top of its module")
        if place not in reached:
            reached.add(place)
            waiting += by_place[place].uses
    kept = [
        piece for piece in pieces if any((piece.module, name) in reached for name in piece.names)
    ]
    _check_names(kept)
    return kept


def _check_names(pieces: Sequence[Piece]) -> None:
    """Refuse a name that would mean one thing in one module and another in the next."""
    imported = {line.split()[-1] for piece in pieces for line in piece.imports}
    counts = Counter([*imported, *(name for piece in pieces for name in piece.names)])
    twice = {name for name, count in counts.items() if count > 1} | counts.keys() & dir(builtins)
    if twice:
        raise BundleError(f"defined more than once: {', '.join(sorted(twice))}")


def joined(pieces: Sequence[Piece]) -> str:
    """Write pieces below each other, under a comment for each module.

    Parameters
    ----------
    pieces : sequence of Piece

    Returns
    -------
    str
    """
    lines = []
    module = ""
    for piece in pieces:
        if piece.module == module:
            lines.append("\n" * piece.blank_lines)
        else:
            module = piece.module
            lines.append(f"\n\n# From {source_name(module)}.\n" + "\n" * piece.blank_lines)
        lines.append(piece.text)
    return "".join(lines)


def source_name(module: str) -> str:
    """The file of a module.

    Parameters
    ----------
    module : str
        Such as "pycore.cost".

    Returns
    -------
    str
    """
    return f"{module.replace('.', '/')}.py"


def import_lines(pieces: Sequence[Piece], more: Iterable[str] = ()) -> str:
    """Write the imports that pieces need, in the order of the sources' own.

    Parameters
    ----------
    pieces : sequence of Piece
    more : iterable of str
        Lines such as "from xlwings import func".

    Returns
    -------
    str
    """
    lines = {line for piece in pieces for line in piece.imports} | set(more)
    plain = sorted(line for line in lines if line.startswith("import "))
    members: dict[str, list[str]] = {}
    for line in lines.difference(plain):
        source, _, name = line.removeprefix("from ").partition(" import ")
        members.setdefault(source, []).append(name)
    for source, names in sorted(members.items()):
        plain.append(f"from {source} import {', '.join(sorted(names, key=_import_order))}")
    groups: tuple[list[str], list[str]] = ([], [])
    for line in plain:
        groups[_root(line) in ("numpy", "xlwings")].append(line)
    return "\n\n".join("\n".join(group) for group in groups) + "\n"


def _root(import_line: str) -> str:
    return import_line.split()[1].partition(".")[0]


def _import_order(name: str) -> tuple[bool, bool, str]:
    """Constants before classes before functions, as ruff sorts them."""
    return (not name.isupper(), name[0].islower(), name)


def _pieces(module: ModuleType, known: set[str]) -> Iterator[Piece]:
    """Take a module apart."""
    source = inspect.getsource(module)
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    scope = _Scope(module.__name__, tree, known)
    statements = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node, following in zip(statements, [*statements[1:], None], strict=True):
        names = _defined(node)
        if _is_text(node) or "__all__" in names:
            continue
        if not names:
            raise BundleError(f"{source_name(module.__name__)}:{node.lineno} defines nothing")
        last = following if following is not None and _is_text(following) else node
        start, end = _first_line(node, lines), last.end_lineno or node.lineno
        prefixes = scope.prefixes(node)
        text = "".join(
            _without(line, [cut for at, cut in prefixes if at == number])
            for number, line in enumerate(lines[start - 1 : end], start=start)
        )
        above = _blank_lines_above(start, lines)
        yield Piece(module.__name__, names, above, text, scope.uses(node), scope.imports(node))


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is the docstring of the one above it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _defined(node: ast.stmt) -> tuple[str, ...]:
    """The names that a statement at the top level gives to things."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return (node.name,)
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return tuple(
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    )


def _first_line(node: ast.stmt, lines: Sequence[str]) -> int:
    """Where a statement begins, its decorators and the comments above it included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    while start > 1 and lines[start - 2].startswith("#"):
        start -= 1
    return start


def _blank_lines_above(start: int, lines: Sequence[str]) -> int:
    count = 0
    while not lines[start - 2 - count].strip():
        count += 1
    return count


def _without(line: str, cuts: Sequence[tuple[int, int]]) -> str:
    """A line without the bytes of the cuts."""
    data = line.encode()
    for start, end in sorted(cuts, reverse=True):
        data = data[:start] + data[end:]
    return data.decode()


class _Scope:
    """What the names at the top level of a module mean."""

    def __init__(self, module: str, tree: ast.Module, known: set[str]) -> None:
        self._module = module
        self._modules: dict[str, str] = {}
        self._ours: dict[str, Place] = {}
        self._imports: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._import(alias, f"import {_with_alias(alias)}")
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node.module or "", node.names, known)
            else:
                self._ours |= {name: (module, name) for name in _defined(node)}

    def _import(self, alias: ast.alias, line: str) -> None:
        self._imports[alias.asname or alias.name] = line

    def _import_from(self, source: str, names: Sequence[ast.alias], known: set[str]) -> None:
        for alias in names:
            if f"{source}.{alias.name}" in known:
                self._modules[alias.asname or alias.name] = f"{source}.{alias.name}"
            elif source in known:
                self._ours[alias.asname or alias.name] = (source, alias.name)
            else:
                self._import(alias, f"from {source} import {_with_alias(alias)}")

    def prefixes(self, node: ast.stmt) -> list[tuple[int, tuple[int, int]]]:
        """Where a name of another module has its prefix: the line, and the bytes of it."""
        found = []
        for each, _ in self._prefixed(node):
            if each.attr in _bound_within(node):
                raise BundleError(f"{self._module}: {each.attr} means two things in one function")
            end = (each.end_col_offset or 0) - len(each.attr.encode())
            found.append((each.lineno, (each.col_offset, end)))
        return found

    def _prefixed(self, node: ast.stmt) -> Iterator[tuple[ast.Attribute, Place]]:
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                module = self._modules.get(each.value.id)
                if module:
                    yield each, (module, each.attr)

    def uses(self, node: ast.stmt) -> frozenset[Place]:
        """The definitions of ours that a statement refers to."""
        plain = {self._ours[name] for name in _names(node) if name in self._ours}
        return frozenset(plain.union(place for _, place in self._prefixed(node)))

    def imports(self, node: ast.stmt) -> frozenset[str]:
        """The import lines that a statement needs."""
        return frozenset(self._imports[name] for name in _names(node) if name in self._imports)


def _with_alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _names(node: ast.stmt) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _bound_within(node: ast.stmt) -> set[str]:
    """The names that a statement's functions use for their own arguments and variables."""
    arguments = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    stored = {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    return arguments | stored.difference(_defined(node))


def call_line(head: str, arguments: Sequence[str], tail: str, indent: str = "") -> str:
    """Write a call or a signature, on several lines where one is too short.

    Parameters
    ----------
    head, tail : str
        What stands before and after the arguments, brackets included.
    arguments : sequence of str
    indent : str
        Before every line.

    Returns
    -------
    str
    """
    line = f"{indent}{head}{', '.join(arguments)}{tail}"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"{indent}    {argument},\n" for argument in arguments)
    return f"{indent}{head}\n{inner}{indent}{tail}"


def literal(text: str, room: int) -> str:
    """Write text as one literal, or as several in brackets where it is long.

    Parameters
    ----------
    text : str
    room : int
        How long one may be.

    Returns
    -------
    str
    """
    if len(_quoted(text)) <= room:
        return _quoted(text)
    pieces = textwrap.wrap(text, WIDTH - 16, drop_whitespace=False)
    return "(\n" + "".join(f"        {_quoted(piece)}\n" for piece in pieces) + "    )"


def _quoted(text: str) -> str:
    """Write a literal as ruff would: in the quotes that need no escapes."""
    return repr(text) if '"' in text else f'"{text}"'
