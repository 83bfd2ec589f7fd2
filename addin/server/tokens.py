"""Bearer tokens of the server: made here, kept as hashes, checked anew at every request.

A token is 32 random bytes, so its plain SHA-256 cannot be turned back or guessed: a salt
and a slow hash protect passwords that people choose, and would only make each cell slower.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from addin.files import alone, write_atomically
from pycore.errors import Found, InputError

FILE_VARIABLE = "FIELDBOOK_TOKENS_FILE"
HASHES_VARIABLE = "FIELDBOOK_TOKEN_HASHES"

TOKEN_BYTES = 32
LARGEST_FILE = 1_000_000
"""Bytes; some ten thousand tokens."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
HASH = re.compile(r"[0-9a-f]{64}")

OWNER_ONLY = 0o600

Tokens = Mapping[str, str]
"""The hash of each person's token by the person's name."""


def make(path: Path, name: str) -> str:
    """Make a token for a person, which nothing keeps, and store its hash in a file, new or not.

    Raises InputError if the name is none or has a token, or the file cannot be read or written.
    """
    if not NAME.fullmatch(name):
        rule = "be 1 to 64 letters, digits, dots, hyphens, underscores or @"
        raise InputError("the token's name", rule, name)
    with alone(path):
        tokens = _read(path) if path.exists() else {}
        if name in tokens:
            rule = "be new (revoke the former token first: --revoke)"
            raise InputError("the token's name", rule, name)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        _write(path, tokens | {name: hash_of(token)})
        return token


def revoke(path: Path, name: str) -> None:
    """Remove a person's token; a running server refuses it from the next request on.

    Raises InputError if there is none of that name, or the file of hashes cannot be read or
    written.
    """
    if not path.is_file():
        _read(path)  # says why it cannot be read, and leaves no lock beside what is not there
    with alone(path):
        tokens = _read(path)
        if tokens.pop(name, None) is None:
            raise InputError("the token's name", f"be one of those in {path.name}", name)
        _write(path, tokens)


def stored() -> Tokens:
    """Read the hashes from where the environment says, if anywhere, as they are at this moment.

    Raises InputError if the file or the variable cannot be read.
    """
    tokens: dict[str, str] = {}
    if text := os.environ.get(HASHES_VARIABLE, ""):
        entries = text.replace(",", " ").split()
        tokens |= _parsed((entry.replace(":", " ", 1) for entry in entries), HASHES_VARIABLE)
    if path := os.environ.get(FILE_VARIABLE, ""):
        tokens |= _read(Path(path))
    return tokens


def owner(token: str, tokens: Tokens) -> str | None:
    """Find whose token it is, if anyone's, in a time that does not depend on which one it is."""
    presented = hash_of(token)
    found = None
    for name, expected in tokens.items():  # every one, also after one that fits
        if hmac.compare_digest(presented, expected):
            found = name
    return found


def presented(header: str) -> str:
    """Take the token, if any, out of an Authorization header: "Bearer ..." or the token alone."""
    scheme, _, rest = header.strip().partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else header.strip()


def hash_of(token: str) -> str:
    """Give what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ValueError
        lines = content.decode("utf-8").splitlines()
    except OSError as error:
        found = Found(f"not: {error.strerror or type(error).__name__} ({path})")
        raise InputError("the file of tokens", "be a readable file", found) from None
    except ValueError:
        raise InputError("the file of tokens", "be short text", str(path)) from None
    return _parsed((line for line in lines if line.strip()), path.name)


def _parsed(lines: Iterable[str], where: str) -> dict[str, str]:
    tokens: dict[str, str] = {}
    for place, line in enumerate(lines, start=1):
        name, _, digest = line.strip().partition(" ")
        if not NAME.fullmatch(name) or not HASH.fullmatch(digest.strip()) or name in tokens:
            rule = "be a name and a SHA-256 in hexadecimal, each name once"
            raise InputError(f"entry {place} of {where}", rule, "something else")
        tokens[name] = digest.strip()
    return tokens


def _write(path: Path, tokens: Tokens) -> None:
    """Replace the file in one step; only its owner may read it."""
    text = "".join(f"{name} {digest}\n" for name, digest in tokens.items())
    write_atomically(path, text.encode(), mode=OWNER_ONLY)
