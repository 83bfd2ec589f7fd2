"""The mentors' answers of a copy without functions: the draft's own, the surrogate's, or none."""

from __future__ import annotations

import numpy as np
import pytest

from pycore.model.arguments import uncertain
from pycore.model.results import model
from pycore.model.tables import ASSUMPTIONS, CORRELATIONS
from pycore.uncertainty.surfaces import MarginSurface, surfaces
from tests.workbook.native.oracle import Engine, alike
from workbook.file.patch import CellError
from workbook.native.surrogate import ARGUMENTS, SIMULATED_ONLY
from workbook.read import read_book

BLOCK = "mentor_margin_block"
INPUTS = {each.id for each in model().assumptions} - {"replicates", "seed"}
SHOWN = (0, 1, 2, 3, 8, 9)
"""Ratios, overlap and their errors."""


@pytest.fixture(name="engine", scope="module")
def _engine(copy: bytes) -> Engine:
    return Engine(copy)


@pytest.fixture(name="surface", scope="module")
def _surface(built: bytes) -> MarginSurface:
    book = read_book(built, "built")
    given = uncertain(book.values(ASSUMPTIONS), book.values(CORRELATIONS))
    return surfaces(given, ["mentor_margin"], 1)["mentor_margin"]


def test_at_the_inputs_of_the_draft_its_own_figures_stand(built: bytes, engine: Engine) -> None:
    simulated = read_book(built, "built").values(BLOCK)[0]
    engine.put({"selection_validity": 0.31})
    engine.put({"selection_validity": 0.3})
    assert [engine.read(BLOCK, 0, place) for place in range(10)] == simulated


def test_within_the_box_the_surrogate_stands(engine: Engine, surface: MarginSurface) -> None:
    random = np.random.default_rng(4)
    box = surface.box
    for _ in range(20):
        values = {
            "applicants": float(round(random.uniform(*box.applicants))),
            "mentors": float(round(random.uniform(*box.mentors))),
            "places": float(round(random.uniform(*box.places))),
            "shared_criteria": random.uniform(0.2, 0.6),
            "selection_validity": random.uniform(0.2, 0.4),
        }
        engine.put(values)
        given = [engine.read(each) for each in ARGUMENTS]
        shared = values["selection_validity"] * np.sqrt(values["shared_criteria"])
        slope = given[5] * values["selection_validity"]
        inside = box.shared[0] <= shared <= box.shared[1] and box.slope[0] <= slope <= box.slope[1]
        expected = surface(*given[:6])
        for place in SHOWN:
            found = engine.read(BLOCK, 0, place)
            if inside and values["mentors"] <= values["places"] <= values["applicants"]:
                assert alike(found, float(expected[place]), 1e-9), place
            else:
                assert isinstance(found, CellError)
        assert engine.read(BLOCK, 0, 4) == SIMULATED_ONLY


def test_beyond_the_box_there_is_no_number_and_the_sentence_says_so(engine: Engine) -> None:
    engine.put({each: model()[each].central for each in ARGUMENTS if each in INPUTS})
    engine.put({"applicants": 900_000.0})
    assert isinstance(engine.read(BLOCK, 0, 0), CellError)
    assert isinstance(engine.read("place_multiple"), CellError)
    assert "could not be" in engine.read("place_sentence")
    engine.put({"applicants": model()["applicants"].central})
    assert isinstance(engine.read("place_multiple"), float)
