"""What Calc runs when it has opened a spreadsheet: one that calls our functions is recalculated.

``python -m addin calc`` puts this file into the extension, with the names filled in.

Calc keeps the values that a file stores for plain formulas, but has none for array formulas, and
tells nothing that depends on such a formula of an edit before it has computed it for the first
time: without this, what a person sees after the first edit is of the inputs before.
"""

from __future__ import annotations

from typing import Any

import unohelper  # type: ignore[import-not-found]
from com.sun.star.task import XJob  # type: ignore[import-not-found]

OURS = "$implementation.".upper()
"""How the names of our functions begin in a formula."""


class Opened(unohelper.Base, XJob):  # type: ignore[misc]
    """The job.

    Parameters
    ----------
    context : XComponentContext
        The office's; not used.
    """

    def __init__(self, context: Any = None) -> None:
        pass

    def execute(self, arguments: Any) -> None:
        """Compute everything once in a document that calls our functions."""
        given = {each.Name: each.Value for each in arguments}
        document = {each.Name: each.Value for each in given["Environment"]}.get("Model")
        if document is not None and any(map(_calls_ours, document.Sheets)):
            edited = document.isModified()  # as one is that was recovered after a crash
            told = _status_bar(document)
            document.calculateAll()
            if told:
                told.end()
            if not edited:
                _unmodified(document)


def _unmodified(document: Any) -> None:
    """Let nobody be asked whether to save what nobody edited; charts count too."""
    for sheet in document.Sheets:
        for chart in sheet.Charts:
            chart.EmbeddedObject.setModified(False)
    document.setModified(False)


def _status_bar(document: Any) -> Any:
    """Say at the bottom of the window, if there is one, what takes some seconds."""
    if document.CurrentController is None:
        return None
    told = document.CurrentController.Frame.createStatusIndicator()
    told.start("Fieldbook computes this workbook ...", 1)
    return told


def _calls_ours(sheet: Any) -> bool:
    search = sheet.createSearchDescriptor()
    # In formulas alone, and both as a person sees the names and as a file stores them.
    search.SearchRegularExpression = True
    search.SearchString = r"^\{?=.*FIELD"
    found = sheet.findFirst(search)
    while found is not None:
        if OURS in found.getCellByPosition(0, 0).getFormula().upper():
            return True
        found = sheet.findNext(found, search)
    return False


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(Opened, "$identifier.Opened", ("$identifier.Opened",))
