"""The parts by which a workbook carries xlwings Lite: the add-in's reference and its Python.

They are those that Excel itself writes: a web extension whose properties hold the files that
the add-in's editor shows, each as a JSON string, and the task pane that it appears in. With the
last two properties, and the store as an alternative reference, Lite starts by itself whenever the
file is opened.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from itertools import starmap
from xml.sax.saxutils import escape

from addin import lite
from addin.functions import functions
from workbook.file.package import CONTENT_TYPES, Package

FOLDER = "xl/webextensions/"
EXTENSION = f"{FOLDER}webextension1.xml"
PANES = f"{FOLDER}taskpanes.xml"
PANE_RELATIONS = f"{FOLDER}_rels/taskpanes.xml.rels"
PACKAGE_RELATIONS = "_rels/.rels"

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/main"
RELATION_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
EXTENSION_SPACE = "http://schemas.microsoft.com/office/webextensions/webextension/2010/11"
PANES_SPACE = "http://schemas.microsoft.com/office/webextensions/taskpanes/2010/11"
RELATION_TYPES = "http://schemas.microsoft.com/office/2011/relationships"

STORE_ID = "wa200008175"
"""The id of xlwings Lite in Microsoft's store of add-ins."""

PYODIDE_VERSION = "0.27.5"
ADDIN_VERSION = "1.0.0.0-35"
"""With that version of Pyodide, as they stand in a workbook that Excel wrote."""

STARTUP = {"startupBehavior": "taskpane"}
"""Lite's settings of the workbook: its pane opens with the file."""

QUOTE = {'"': "&quot;"}

HOLDS_FUNCTIONS = "{D87F86FE-615C-45B5-9D79-34F1136793EB}"
LISTS_FUNCTIONS = "{7C84B067-C214-45C3-A712-C9D94CD141B2}"


def parts(package: Package) -> Mapping[str, bytes]:
    """Give the parts that make a workbook one for xlwings Lite.

    Returns
    -------
    mapping of str to bytes
        The new parts, and the two that list what a package holds.
    """
    relation = (
        f'<Relationship Id="rIdLite" Type="{RELATION_TYPES}/webextensiontaskpanes" '
        f'Target="{PANES}"/>'
    )
    types = "".join(
        f'<Override PartName="/{part}" ContentType="application/vnd.ms-office.{kind}+xml"/>'
        for part, kind in ((PANES, "webextensiontaskpanes"), (EXTENSION, "webextension"))
    )
    return {
        CONTENT_TYPES: _before_the_end(package.parts[CONTENT_TYPES], types),
        PACKAGE_RELATIONS: _before_the_end(package.parts[PACKAGE_RELATIONS], relation),
        PANES: _panes().encode(),
        PANE_RELATIONS: _pane_relations().encode(),
        EXTENSION: _extension().encode(),
    }


def _before_the_end(xml: bytes, more: str) -> bytes:
    """Add elements as the last children of the root."""
    start, end, root = xml.rpartition(b"</")
    return b"".join([start, more.encode(), end, root])


def _panes() -> str:
    return (
        f'{HEAD}<wetp:taskpanes xmlns:wetp="{PANES_SPACE}">'
        '<wetp:taskpane dockstate="right" visibility="1" width="350" row="0">'
        f'<wetp:webextensionref xmlns:r="{RELATION_SPACE}" r:id="rId1"/>'
        "</wetp:taskpane></wetp:taskpanes>"
    )


def _pane_relations() -> str:
    return (
        f'{HEAD}<Relationships xmlns="{PACKAGE_SPACE}">'
        f'<Relationship Id="rId1" Type="{RELATION_TYPES}/webextension" '
        'Target="webextension1.xml"/></Relationships>'
    )


def python_files() -> Mapping[str, str]:
    """The files that xlwings Lite finds in a workbook of ours."""
    return {"main.py": lite.main_py(), "requirements.txt": lite.requirements()}


def _extension() -> str:
    versions = {"pyodideVersion": PYODIDE_VERSION, "addinVersion": ADDIN_VERSION}
    carried = "".join(starmap(_property, {**python_files(), **versions}.items()))
    # The same content has the same ids, so that equal inputs give equal files.
    workbook_id = str(uuid.uuid5(uuid.NAMESPACE_URL, carried))
    held = (
        carried
        + _property("xlwingsWorkbookId", workbook_id)
        + _property("xlwingsSettingsWorkbook", STARTUP)
    )
    ids = "".join(
        f"<we:customFunctionIds>{each.stored_name}</we:customFunctionIds>"
        for each in functions().values()
    )
    instance = str(uuid.uuid5(uuid.NAMESPACE_URL, held)).upper()
    reference, alternative = (
        f'<we:reference id="{STORE_ID}" version="1.0.0.0" store="{store}" storeType="OMEX"/>'
        for store in ("en-US", STORE_ID.upper())
    )
    return (
        f'{HEAD}<we:webextension xmlns:we="{EXTENSION_SPACE}" id="{{{instance}}}">'
        f"{reference}<we:alternateReferences>{alternative}</we:alternateReferences>"
        f"<we:properties>{held}</we:properties><we:bindings/>"
        f'<we:snapshot xmlns:r="{RELATION_SPACE}"/>'
        f"<we:extLst>{_entry(HOLDS_FUNCTIONS, '<we:containsCustomFunctions/>')}"
        f"{_entry(LISTS_FUNCTIONS, f'<we:customFunctionIdList>{ids}</we:customFunctionIdList>')}"
        "</we:extLst></we:webextension>"
    )


def _property(name: str, value: object) -> str:
    """A property, its value as JSON in the way in which Office writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", r"\/")
    return f'<we:property name="{name}" value="{escape(text, QUOTE)}"/>'


def _entry(uri: str, content: str) -> str:
    return f'<a:ext xmlns:a="{MAIN_SPACE}" uri="{uri}">{content}</a:ext>'
