#!/bin/sh
# Installs LibreOffice for the tests that open the workbook in it, where apt is there.
set -eu

if command -v soffice >/dev/null && command -v pdftotext >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "LibreOffice is not here and apt-get is not either: install it to run its tests." >&2
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "LibreOffice is not here, and installing it needs root: its tests will not run." >&2
        exit 0
    fi
    as_root="sudo"
fi
echo "Installing LibreOffice Calc for the tests (a few minutes) ..." >&2
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    libreoffice-calc poppler-utils fonts-liberation >/dev/null
