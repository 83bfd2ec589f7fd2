"""The workbook as one HTML page: no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addin.version import model_version
from workbook.publishing import charts
from workbook.publishing.told import Told
from workbook.publishing.words import plain
from workbook.sheets import about, assumptions, checks, sensitivity, summary, uncertainty

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent
FINGERPRINT = 16
"""How many digits of the file's SHA-256 the page gives: enough to tell two copies apart."""

POLICY = (
    "default-src 'none'",
    "style-src 'sha256-{}'",
    "base-uri 'none'",
    "form-action 'none'",
)
"""What a browser may load for the page: its own style, known by its hash, and nothing else."""


def page(told: Told, data: bytes, file: str, made: datetime.datetime) -> str:
    """The page.

    Parameters
    ----------
    data : bytes
        The file that it is told of.
    file : str
        Its name, without its folder.
    made : datetime
        When the page is made.
    """
    style = _style()
    return _template().render(
        told=told,
        style=style,
        policy="; ".join(POLICY).format(_hash(style)),
        subtitle=summary.SUBTITLE,
        file=plain(file),
        fingerprint=hashlib.sha256(data).hexdigest()[:FINGERPRINT],
        version=model_version(),
        made=made,
        charts=_charts(told),
        meaning=about.MEANING,
        glossary=about.WORDS,
        columns=COLUMNS,
        readings=READINGS,
    )


def _columns(header: Sequence[str], **names: str) -> dict[str, str]:
    """What a sheet calls some of its columns; an error where it calls none so."""
    return {key: header[header.index(name)] for key, name in names.items()}


COLUMNS = {
    "assumptions": _columns(
        assumptions.HEADER,
        label="Assumption",
        low="Low (5%)",
        central="Central",
        high="High (95%)",
        unit="Unit",
        distribution="Distribution",
        source="Source",
        date="Date",
        changed="Changed?",
        base="Base value",
    ),
    "spreads": _columns(
        uncertainty.HEADER,
        label="Answer",
        unit="Unit",
        central="Central",
        low="5%",
        median="Median",
        high="95%",
        within="90% range",
        note="Note",
    ),
    "compared": dict(zip(("label", "central", "within"), summary.COMPARED_HEADER, strict=True)),
    "moving": dict(zip(("label", "low", "high", "share"), summary.MOVING_HEADER, strict=True)),
    "checks": _columns(
        checks.HEADER,
        label="Published figure",
        published="Published",
        computed="Computed",
        result="Result",
    ),
}
"""What the sheets call the columns that the page shows too."""

READINGS = {"spreads": uncertainty.HOW_TO_READ, "moving": sensitivity.HOW_TO_READ_SHARES[:1]}
"""How the sheets say that some of them are read."""


def _charts(told: Told) -> dict[str, Markup]:
    graph = told.graph
    explained, curve = told.explained, told.curve

    def moved(size: str) -> Markup | None:
        return charts.tornado(explained, told.moving, graph, size) if explained else None

    def spread(size: str) -> Markup | None:
        return charts.distribution(curve, graph, size) if curve else None

    return {
        "comparison": charts.both(lambda size: charts.comparison(told.compared, size)),
        "tornado": charts.both(moved),
        "distribution": charts.both(spread),
    }


def _style() -> Markup:
    return Markup((FOLDER / "page.css").read_text(encoding="utf-8"))  # noqa: S704


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    return environment.get_template("page.html")


def _number(value: Any) -> str:
    """A number as another program reads it, with all its digits."""
    return repr(value) if isinstance(value, float) else str(value)
