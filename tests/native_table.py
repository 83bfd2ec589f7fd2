"""The table of native forms: what answers by itself in a copy without functions, and what does not.

``python -m tests.native_table`` writes it to tests/native.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pycore.graph import Graph
from pycore.model.sentences import declared
from pycore.model.whole import whole
from pycore.nodes import Result
from workbook.native.catalogue import DATED, FITTED, FIXED, ITERATED, called_results, kind_of
from workbook.native.copy import DRAFT
from workbook.native.declared import FORMS, TABLE_FORMS

PAGE = Path(__file__).with_name("native.md")
HEADER = """\
# What answers by itself

Every result, block and sentence of the workbook that a function computes, and what stands in its
place in a copy that `publish -o` or `build --reading` makes. **native**: a formula of the
spreadsheet, traced from the core function itself or declared beside it. **surrogate**: the
polynomials fitted to the mentors' draft, with their stated error; at the inputs of the draft its
own figures, beyond the ranges entered no number. **dated**: the value as it was when the copy was
made, under the stamp; what a native result takes from it is as old. **fixed**: a published figure,
of inputs that nobody edits. `python -m tests.native_table` writes this page.

| result | what it is | in a copy | how |
| --- | --- | --- | --- |
"""


def rows(graph: Graph) -> Iterator[tuple[str, str, str, str]]:
    """Id, label, kind and how it is computed, of every result."""
    dated = {each.id for each in called_results(graph) if kind_of(each) == DATED} - {DRAFT}
    for result in called_results(graph):
        kind, how = _kind(result)
        older = sorted(graph.needed({result.id}) & dated - {result.id})
        if kind == "native" and older:
            how += f"; of {', '.join(older)} as dated"
        yield f"`{result.id}`", result.label, kind, how


def _kind(result: Result) -> tuple[str, str]:
    kind = kind_of(result)
    if result.id == DRAFT:
        return "surrogate", "ratios and overlap; the shares under 0.8 are dated"
    if kind == FIXED:
        return kind, "published check"
    if kind == DATED:
        if result.id in ITERATED:
            return kind, "found by a search"
        return kind, "fits of distributions" if result.id in FITTED else "simulated"
    if result.id in declared():
        return kind, "template"
    if result.id == "survey_summary":
        return kind, "declared; the interval of the median is dated"
    forms = result.id in TABLE_FORMS or result.function.__name__ in FORMS
    return kind, "declared" if forms else "traced"


def markdown() -> str:
    """The page."""
    lines = (f"| {' | '.join(row)} |" for row in rows(whole()))
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
    print(f"made {PAGE.name}")
