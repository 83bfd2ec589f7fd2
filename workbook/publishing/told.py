"""What a page tells of a workbook: read from the file, called what the model calls it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
)

from pycore.model.published import CHECKS
from pycore.model.tables import HEADLINES, NOTHING, OUTCOME, Headline
from pycore.model.whole import whole
from pycore.nodes import Assumption, Choice
from workbook.formulas import defined_name
from workbook.publishing.words import Figure, Piece, exact, figure, is_value, pieces, plain
from workbook.read import Book
from workbook.sheets.assumptions import CHANGED, HEADER, RANGE_CHANGED
from workbook.sheets.checks import OK
from workbook.sheets.parts import block_name, unit_text
from workbook.sheets.sensitivity import LISTED
from workbook.sheets.summary import ALSO_ANSWERED, ANSWERED, COMPARED, UNCERTAIN
from workbook.sheets.uncertainty import SIMULATED
from workbook.show import outdated

FITTING = ("figures_fit", "independent_figures")
"""The sentences on how the figures fit."""

SHOWN = (
    "answers",
    "others",
    "fitting",
    "compared",
    "spreads",
    "moving",
    "assumptions",
    "checks",
)
"""What a page shows of it."""

DIGITS = 6
"""With how many digits a computed figure stands beside the published one, which has fewer."""

TO_THE_NOTE = HEADER.index("Note") - HEADER.index("Date")
"""How many columns after the date of an assumption, which has a name, its note stands."""


@dataclass(frozen=True)
class Answer:
    """A question, its answer in short and in words, and its 90% range if it has one."""

    label: str
    short: Figure
    within: Figure | None
    sentence: Figure


@dataclass(frozen=True)
class Compared:
    """A row of the comparison of values over costs; the ends where a range is computed."""

    label: str
    central: Figure
    within: Figure | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Moving:
    """An assumption, the answer at either of its ends, and its share of the variance."""

    label: str
    low: Figure
    high: Figure
    share: Figure


@dataclass(frozen=True)
class Spread:
    """How sure an answer is."""

    headline: Headline
    unit: str
    central: Figure
    low: Figure
    median: Figure
    high: Figure
    within: Figure
    note: str


@dataclass(frozen=True)
class Curve:
    """The histogram of an answer: the edges of its steps, and the share of draws in each."""

    spread: Spread
    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Entered:
    """An assumption as it stands in the file; `base` is what a new file holds, where it differs."""

    label: str
    low: Figure | None
    central: Figure
    high: Figure | None
    unit: str
    distribution: str
    source: tuple[Piece, ...]
    date: str
    note: tuple[Piece, ...]
    changed: str
    base: str


@dataclass(frozen=True)
class Checked:
    """A published figure beside the computed one."""

    label: str
    published: Figure
    computed: Figure
    is_fine: bool


class Told:
    """What a page tells of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.graph = whole()
        self.missing: list[str] = []

    # The answers

    @cached_property
    def answers(self) -> list[Answer]:
        """The questions that the Summary sheet answers first."""
        return [self._answer(name, short, within) for name, _, short, within, _ in ANSWERED]

    @cached_property
    def others(self) -> list[Answer]:
        """The other questions."""
        return [self._answer(*each[:1], *each[2:]) for each in ALSO_ANSWERED]

    @cached_property
    def fitting(self) -> list[Answer]:
        """How the figures fit."""
        return [self._answer(name, name, "") for name in FITTING]

    def _answer(self, name: str, short: str, within: str) -> Answer:
        label = str(self.graph[name].label)
        return Answer(label, self._text(short), self._within(within), self._text(name))

    def _within(self, reference: str) -> Figure | None:
        """The 90% range of an answer, in words; nothing of one that has none."""
        return self._range(reference) if reference in UNCERTAIN else None

    def _range(self, reference: str) -> Figure:
        held = self.book.value(f"{defined_name(reference)}_within")
        label = next(each.label for each in HEADLINES if each.reference == reference)
        return self._noted(figure(None if held == NOTHING else held, ""), f"90% range: {label}")

    def _text(self, name: str) -> Figure:
        unit = str(getattr(self.graph[name], "unit", ""))
        return self._noted(figure(self.book.value(name), unit), str(self.graph[name].label))

    def _noted(self, found: Figure, label: str) -> Figure:
        if found.is_missing and label not in self.missing:
            self.missing.append(label)
        return found

    @cached_property
    def compared(self) -> list[Compared]:
        """Values over costs."""
        found = []
        for label, name in COMPARED:
            central = self._noted(figure(self.book.value(name), "x"), label)
            ends: list[float | None] = [None, None]
            if name in UNCERTAIN:
                names = (f"{name}_spread_{end}" for end in ("low", "high"))
                ends = [figure(self.book.value(each), "x").number for each in names]
            found.append(Compared(label, central, self._within(name), *ends))
        return found

    # How sure they are

    @cached_property
    def spreads(self) -> list[Spread]:
        """Every answer whose uncertainty the file holds."""
        # Not from the block that computes it, which LibreOffice leaves without values.
        rows = self.book.values("simulation")
        return [self._spread(*each) for each in zip(HEADLINES, rows, strict=True)]

    def _spread(self, headline: Headline, row: list[Any]) -> Spread:
        unit, held = headline.unit(self.graph), dict(zip(SIMULATED, row, strict=True))
        central = self._noted(figure(self.book.value(headline.name), unit), headline.label)
        low, median, high = (
            self._noted(figure(held[each], unit), f"{each} of {headline.label}")
            for each in ("5%", "Median", "95%")
        )
        within, note = self._range(headline.reference), held["Note"]
        said = plain(str(note)) if is_value(note) and note != NOTHING else ""
        return Spread(headline, unit_text(unit), central, low, median, high, within, said)

    @cached_property
    def explained(self) -> Spread | None:
        """The answer that the Sensitivity sheet explains."""
        asked = self.book.entered(OUTCOME)
        found = (each for each in self.spreads if each.headline.reference == asked)
        return next(found, None)

    @cached_property
    def moving(self) -> list[Moving]:
        """What moves it, most first."""
        if self.explained is None:
            return []
        labels = {node.id: node.label for node in self.graph.inputs}
        unit = self.explained.headline.unit(self.graph)
        found = []
        for row in self.book.values(block_name("tornado"))[:LISTED]:
            if row[0] in labels:
                low, high = (self._noted(figure(end, unit), labels[row[0]]) for end in row[1:3])
                found.append(Moving(labels[row[0]], low, high, figure(row[5], "share")))
        if not found:
            self.missing.append(f"what moves {self.explained.headline.label}")
        return found

    @cached_property
    def curve(self) -> Curve | None:
        """The distribution of that answer, or of the first that has one."""
        asked = [self.explained] if self.explained else []
        for spread in (*asked, *self.spreads):
            parts = [
                [row[0] for row in self.book.values(f"{spread.headline.name}_{part}")]
                for part in ("edges", "shares")
            ]
            edges, shares = ([figure(each, "").number for each in part] for part in parts)
            known = [each for each in edges if each is not None]
            heights = [each for each in shares[:-1] if each is not None]
            is_rising = all(a < b for a, b in pairwise(known))
            if len(known) == len(heights) + 1 == len(edges) and is_rising and any(heights):
                return Curve(spread, tuple(known), tuple(heights))
        return None

    # What they are computed from

    @cached_property
    def assumptions(self) -> list[tuple[str, list[Entered]]]:
        """The assumptions by their groups, in the order of the Assumptions sheet."""
        order = list(dict.fromkeys(node.group for node in self.graph.inputs))
        nodes = sorted(self.graph.inputs, key=lambda node: order.index(node.group))
        groups = groupby(nodes, key=lambda node: node.group)
        return [(group, list(map(self._entered, each))) for group, each in groups]

    def _entered(self, node: Assumption | Choice) -> Entered:
        held = {part: self.book.value(f"{node.id}{part}") for part in _parts(node)}
        low, high = (
            self._noted(exact(held[part], node.unit), node.label) if part in held else None
            for part in ("_low", "_high")
        )
        changed = _change(node, held)
        return Entered(
            label=node.label,
            low=low,
            central=self._noted(exact(held[""], node.unit), node.label),
            high=high,
            unit=unit_text(node.unit),
            distribution=plain(str(held.get("_distribution") or "")),
            source=pieces(_words(self.book.value(f"{node.id}_source"))),
            date=plain(_words(self.book.value(f"{node.id}_date"))),
            note=pieces(_words(self._note(node))),
            changed=changed,
            base=_base(node) if changed else "",
        )

    def _note(self, node: Assumption | Choice) -> Any:
        place = self.book.places[f"{node.id}_date"]
        column, row = coordinate_from_string(place.first)
        letter = get_column_letter(column_index_from_string(column) + TO_THE_NOTE)
        return self.book.cell(place.sheet, f"{letter}{row}")

    @cached_property
    def changes(self) -> int:
        """How many assumptions differ from those of a new file."""
        return sum(bool(each.changed) for _, group in self.assumptions for each in group)

    @cached_property
    def checks(self) -> list[Checked]:
        """The published figures."""
        return [
            Checked(
                check.label,
                exact(self.book.value(f"check_{check.id}_published"), ""),
                self._noted(exact(self.book.value(f"check_{check.id}"), "", DIGITS), check.label),
                self.book.value(f"check_{check.id}_result") == OK,
            )
            for check in CHECKS
        ]

    @cached_property
    def fine(self) -> int:
        """How many of them come out as published."""
        return sum(each.is_fine for each in self.checks)

    # Whether all that is true

    @cached_property
    def notices(self) -> list[str]:
        """What a reader must know before they believe a figure."""
        return list(self._notices())

    def _notices(self) -> Iterator[str]:
        if problem := outdated(self.book, simulations=True):
            yield (
                "Some figures are not those of the assumptions on this page, or could not be "
                f"compared with them: {plain(problem)}."
            )
        self._read_all()
        without = [label for label in self.missing if label.startswith("90% range: ")]
        if without:
            labels = ", ".join(label.partition(": ")[2] for label in without)
            yield f"The simulation could not be computed for: {labels}. Their ranges are missing."
        if others := [label for label in self.missing if label not in without]:
            yield (
                f"{len(others)} value{'s are' if len(others) > 1 else ' is'} missing in the file "
                f"(not computed, or blank); the first: {others[0]}. It was edited without its "
                "functions, or one of its inputs is refused."
            )
        if self.fine < len(self.checks):
            wrong = len(self.checks) - self.fine
            yield f"{wrong} of {len(self.checks)} published figures do not come out as published."

    def _read_all(self) -> None:
        """Read all that a page shows, so that it is known what is missing."""
        for part in SHOWN:
            getattr(self, part)


def _parts(node: Assumption | Choice) -> tuple[str, ...]:
    """The endings of the names under which the parts of an assumption stand."""
    if isinstance(node, Choice):
        return ("",)
    return ("", "_distribution") if node.setting else ("", "_low", "_high", "_distribution")


def _change(node: Assumption | Choice, held: dict[str, Any]) -> str:
    """What of an assumption differs from a new file, in the words of the Assumptions sheet."""
    if _differs(held[""], node.central):
        return CHANGED
    if isinstance(node, Choice):
        return ""
    declared: dict[str, float | str] = {
        "_low": node.low,
        "_high": node.high,
        "_distribution": node.distribution,
    }
    differs = any(_differs(held[part], each) for part, each in declared.items() if part in held)
    return RANGE_CHANGED if differs else ""


def _differs(held: Any, declared: float | str) -> bool:
    if isinstance(declared, str):  # as spreadsheets compare texts
        return str(held).casefold() != declared.casefold()
    return bool(held != declared)


def _base(node: Assumption | Choice) -> str:
    """What a new file holds of an assumption."""
    central = exact(node.central, node.unit).text
    if isinstance(node, Choice) or node.setting:
        return central
    low, high = (exact(each, node.unit).text for each in (node.low, node.high))
    return f"{central} ({low} to {high}, {node.distribution})"


def _words(held: Any) -> str:
    if held is None:
        return ""
    return f"{held:.12g}" if isinstance(held, float | int) else str(held)
