"""A workbook that holds all that a check before publishing looks for, by edits of its parts."""

from __future__ import annotations

from collections.abc import Callable

from workbook.file.package import open_package

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
MICROSOFT = "http://schemas.microsoft.com/office"
TYPES = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ANN = "{11111111-1111-1111-1111-111111111111}"

ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Mine, see /home/ann/notes.txt</t></is></c>'
    '<c r="D1"><v>5</v></c></row>'
    '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    '<row r="3" hidden="1"><c r="A3"><v>7</v></c></row>'
    '<row r="4" hidden="1"/>'
)
TAIL = (
    '<hyperlinks><hyperlink ref="A2" r:id="rIdLink"/></hyperlinks>'
    '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" r:id="rIdPrinter"/>'
    '<legacyDrawing r:id="rIdBoxes"/><picture r:id="rIdBack"/>'
)
COMMENTS = (
    f'{HEAD}<comments xmlns="{MAIN}"><authors><author>Ann Example</author>'
    f"<author>tc={ANN}</author></authors><commentList>"
    '<comment ref="A1" authorId="0"><text><t>Ask Bob first</t></text></comment>'
    '<comment ref="A2" authorId="1"><text><t>[Threaded comment]</t></text></comment>'
    "</commentList></comments>"
)
THREAD = (
    f'{HEAD}<ThreadedComments xmlns="{THREADED}"><threadedComment ref="A2" '
    f'dT="2026-01-01T00:00:00.00" personId="{ANN}" id="{ANN.replace("1", "2")}">'
    "<text>Is this right?</text></threadedComment></ThreadedComments>"
)
PERSONS = (
    f'{HEAD}<personList xmlns="{THREADED}"><person displayName="Ann Example" id="{ANN}" '
    'userId="ann@example.org" providerId="AD"/></personList>'
)
SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
    'visibility:hidden"><v:fill o:relid="rIdFill"/><x:ClientData ObjectType="{kind}">'
    "<x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData></v:shape>"
)
BOXES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"/>{shapes}</xml>'
)
CUSTOM = (
    f'{HEAD}<Properties xmlns="{OFFICE.replace("relationships", "custom-properties")}" '
    f'xmlns:vt="{OFFICE.replace("relationships", "docPropsVTypes")}">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Reviewer">'
    "<vt:lpwstr>Cat Example</vt:lpwstr></property></Properties>"
)
OUTSIDE = (
    f'{HEAD}<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}"><externalBook r:id="rId1">'
    '<sheetNames><sheetName val="Budget"/></sheetNames></externalBook></externalLink>'
)
CONNECTIONS = (
    f'{HEAD}<connections xmlns="{MAIN}"><connection id="1" name="Grants" type="1" '
    'refreshedVersion="6"><dbPr connection="DSN=grants;UID=ann" command="SELECT 1"/>'
    "</connection></connections>"
)
PLACE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="x15"><x15ac:absPath url="C:\\Users\\ann\\grants\\" '
    f'xmlns:x15ac="{MICROSOFT}/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent>'
)
JPEG = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n"


def relation(name: str, kind: str, target: str, *, outside: bool = False) -> str:
    """A relation as a part writes it."""
    kind = kind if kind.startswith("http") else f"{OFFICE}/{kind}"
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"{mode}/>'


def related(*each: str) -> bytes:
    """The relations of a part."""
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'.encode()


def laden(
    built: bytes, edited: Callable[..., bytes], add_sheet: Callable[..., bytes]
) -> tuple[bytes, str]:
    """The workbook, and the part of the person's own sheet in it."""
    data = add_sheet(built, ROWS, name="Mine", tail=TAIL)
    data = add_sheet(data, '<row r="1"><c r="A1"><v>1</v></c></row>', name="Secret")
    data = add_sheet(data, '<row r="1"><c r="A1"><v>1</v></c></row>', name="Deep")
    parts = open_package(data, "built").parts
    numbers = [int(part[19:-4]) for part in parts if part.startswith("xl/worksheets/sheet")]
    mine = f"xl/worksheets/sheet{max(numbers) - 2}.xml"
    own = parts[mine].decode()
    columns = '<cols><col min="4" max="4" width="9" hidden="1" customWidth="1"/></cols>'

    book = parts["xl/workbook.xml"].decode()
    book = book.replace('name="Secret"', 'name="Secret" state="hidden"')
    book = book.replace('name="Deep"', 'name="Deep" state="veryHidden"')
    book = book.replace("<workbookPr", '<fileSharing userName="Dan Example"/><workbookPr', 1)
    book = book.replace("<bookViews>", f"{PLACE}<bookViews>", 1)
    book = book.replace(
        "<definedNames>",
        '<externalReferences><externalReference r:id="rIdOut"/></externalReferences><definedNames>'
        "<definedName name=\"aa_budget\">'file:///home/ann/[b.xlsx]Budget'!$A$1</definedName>",
        1,
    )
    core = parts["docProps/core.xml"].decode()
    core = core.replace("<dc:creator>", "<dc:creator>Ann Example", 1)
    core = core.replace("<cp:lastModifiedBy>", "<cp:lastModifiedBy>Bob Example", 1)
    app = parts["docProps/app.xml"].decode()
    app = app.replace(
        "<Company></Company>", "<Manager>Eve Example</Manager><Company>Example Trust</Company>"
    )
    app = app.replace(
        "<HyperlinksChanged>",
        "<HyperlinkBase>file:///C:/Users/ann/</HyperlinkBase><HyperlinksChanged>",
    )
    roots = parts["_rels/.rels"].decode()
    roots = roots.replace(
        "</Relationships>",
        relation("rIdCustom", "custom-properties", "docProps/custom.xml")
        + relation("rIdThumb", f"{PACKAGE}/metadata/thumbnail", "docProps/thumbnail.jpeg")
        + "</Relationships>",
    )
    links = parts["xl/_rels/workbook.xml.rels"].decode()
    links = links.replace(
        "</Relationships>",
        relation("rIdOut", "externalLink", "externalLinks/externalLink1.xml")
        + relation("rIdPeople", f"{MICROSOFT}/2017/10/relationships/person", "persons/person.xml")
        + relation("rIdData", "connections", "connections.xml")
        + relation("rIdXml", "customXml", "../customXml/item1.xml")
        + "</Relationships>",
    )
    types = parts["[Content_Types].xml"].decode()
    single = {
        "docProps/custom.xml": f"{TYPES}.custom-properties+xml",
        "xl/comments1.xml": f"{TYPES}.spreadsheetml.comments+xml",
        "xl/threadedComments/threadedComment1.xml": (
            "application/vnd.ms-excel.threadedcomments+xml"
        ),
        "xl/persons/person.xml": "application/vnd.ms-excel.person+xml",
        "xl/externalLinks/externalLink1.xml": f"{TYPES}.spreadsheetml.externalLink+xml",
        "xl/connections.xml": f"{TYPES}.spreadsheetml.connections+xml",
    }
    endings = {
        "vml": f"{TYPES}.vmlDrawing",
        "jpeg": "image/jpeg",
        "png": "image/png",
        "bin": f"{TYPES}.spreadsheetml.printerSettings",
        "docx": f"{TYPES}.wordprocessingml.document",
    }
    listed = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in single.items()
    ) + "".join(
        f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in endings.items()
    )
    # A program may write an element with an end tag, and its attributes in any order.
    listed = listed.replace(
        f'<Override PartName="/xl/comments1.xml" ContentType="{single["xl/comments1.xml"]}"/>',
        f"<Override ContentType='{single['xl/comments1.xml']}' PartName='/xl/comments1.xml'>"
        "</Override>",
    )
    types = types.replace("</Types>", f"{listed}</Types>")
    name = mine.rpartition("/")[2]
    changed = {
        "xl/workbook.xml": book.encode(),
        "docProps/core.xml": core.encode(),
        "docProps/app.xml": app.encode(),
        "docProps/custom.xml": CUSTOM.encode(),
        "docProps/thumbnail.jpeg": JPEG,
        "_rels/.rels": roots.encode(),
        "xl/_rels/workbook.xml.rels": links.encode(),
        "[Content_Types].xml": types.encode(),
        mine: own.replace("<sheetData>", f"{columns}<sheetData>").encode(),
        f"xl/worksheets/_rels/{name}.rels": related(
            relation("rIdNotes", "comments", "../comments1.xml"),
            relation(
                "rIdThread",
                f"{MICROSOFT}/2017/10/relationships/threadedComment",
                "../threadedComments/threadedComment1.xml",
            ),
            relation("rIdBoxes", "vmlDrawing", "../drawings/vmlDrawing1.vml"),
            relation("rIdPrinter", "printerSettings", "../printerSettings/printerSettings1.bin"),
            relation("rIdBack", "image", "../media/image1.jpeg"),
            relation("rIdFile", "package", "../embeddings/Letter.docx"),
            relation(
                "rIdLink", "hyperlink", "file:///C:\\Users\\ann\\plan.docx#part", outside=True
            ),
        ),
        "xl/comments1.xml": COMMENTS.encode(),
        "xl/threadedComments/threadedComment1.xml": THREAD.encode(),
        "xl/persons/person.xml": PERSONS.encode(),
        "xl/drawings/vmlDrawing1.vml": BOXES.format(
            shapes=SHAPE.format(number=1025, kind="Note") + SHAPE.format(number=1026, kind="Note")
        ).encode(),
        "xl/drawings/_rels/vmlDrawing1.vml.rels": related(
            relation("rIdFill", "image", "../media/image2.png")
        ),
        "xl/printerSettings/printerSettings1.bin": b"\x00\\\\office\\Ann's printer",
        "xl/media/image1.jpeg": JPEG,
        "xl/media/image2.png": PNG,
        "xl/embeddings/Letter.docx": b"PK a letter",
        "xl/externalLinks/externalLink1.xml": OUTSIDE.encode(),
        "xl/externalLinks/_rels/externalLink1.xml.rels": related(
            relation(
                "rId1", "externalLinkPath", "file:///\\\\office\\ann\\budget.xlsx", outside=True
            )
        ),
        "xl/connections.xml": CONNECTIONS.encode(),
        "customXml/item1.xml": b"<mine>of another program</mine>",
    }
    return edited(data, changed), mine
