"""The manifest that Excel reads: ours, and complete."""

from __future__ import annotations

import urllib.request
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree

from tests.addin.chromium.harness import Server


@pytest.fixture(scope="module")
def manifest(server: Server) -> Element:
    with urllib.request.urlopen(f"{server.url}/manifest") as answer:
        root: Element = ElementTree.fromstring(answer.read())
    return root


def _all(manifest: Element, name: str) -> list[Element]:
    return [node for node in manifest.iter() if node.tag.rpartition("}")[2] == name]


def test_every_reference_has_its_text_and_every_text_is_used(manifest: Element) -> None:
    referred = {str(node.get("resid")) for node in manifest.iter() if node.get("resid")}
    texts = {
        node.get("id")
        for kind in ("Url", "String", "Image")
        for node in _all(manifest, kind)
        if node.get("id")
    }
    assert referred == texts


def test_the_namespace_and_the_names_that_a_person_sees(manifest: Element) -> None:
    strings = {node.get("id"): node.get("DefaultValue") for node in _all(manifest, "String")}
    assert strings["Functions.Namespace"] == "FIELD"
    assert strings["Tab.Label"] == "Fieldbook"
    assert _all(manifest, "DisplayName")[0].get("DefaultValue") == "Fieldbook"


def test_lengths_that_office_allows(manifest: Element) -> None:
    for holder, longest in (("ShortStrings", 125), ("LongStrings", 250)):
        for node in _all(manifest, holder)[0]:
            assert len(str(node.get("DefaultValue"))) <= longest
    assert len(str(_all(manifest, "Description")[0].get("DefaultValue"))) <= 250


def test_the_runtime_is_shared_and_the_button_runs_what_the_ribbon_has(
    manifest: Element, server: Server
) -> None:
    assert [node.get("lifetime") for node in _all(manifest, "Runtime")] == ["long"]
    (action,) = _all(manifest, "FunctionName")
    with urllib.request.urlopen(f"{server.url}/static/js/ribbon.js") as answer:
        assert f'Office.actions.associate("{action.text}", ' in answer.read().decode()
