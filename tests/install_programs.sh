#!/bin/sh
# Installs the programs that tests open the workbook and the task pane in, where apt is there:
# LibreOffice with numpy and scipy for its Python, gnumeric, Chromium, pdftotext, node and npm; and
# from npm SheetJS, with the hashes of its lock.
set -eu

missing=""
command -v soffice >/dev/null || missing="$missing libreoffice-calc fonts-liberation"
command -v ssconvert >/dev/null || missing="$missing gnumeric"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v chromium >/dev/null || missing="$missing chromium"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
/usr/bin/python3 -c "import uno" 2>/dev/null || missing="$missing python3-uno"
/usr/bin/python3 -c "import numpy" 2>/dev/null || missing="$missing python3-numpy"
/usr/bin/python3 -c "import scipy" 2>/dev/null || missing="$missing python3-scipy"
sheetjs() {
    [ -d tests/sheetjs/node_modules/xlsx ] || ! command -v npm >/dev/null ||
        npm ci --prefix tests/sheetjs --silent --ignore-scripts ||
        echo "SheetJS could not be fetched. Its tests will not run." >&2
}
if [ -z "$missing" ]; then
    sheetjs
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "Not here, and no apt-get to install them:$missing. Their tests will not run." >&2
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Not here, and installing them needs root:$missing. Their tests will not run." >&2
        exit 0
    fi
    as_root="sudo"
fi
echo "Installing$missing (a few minutes) ..." >&2
$as_root apt-get update -qq
# Unquoted on purpose: a word for each package.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    $missing >/dev/null
sheetjs
