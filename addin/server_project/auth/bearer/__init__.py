"""Sign in with a bearer token that `python -m addin token` made."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from xlwings_server.models import User

from addin.server import tokens
from pycore.errors import InputError


async def validate_token(token_string: str) -> User:
    """Find whose token a request brought, from its Authorization header.

    Nothing is remembered between requests, so that a revoked token is refused at once.

    Raises HTTPException (401) with the reason.
    """
    token = tokens.presented(token_string)
    if not token:
        raise HTTPException(401, "this server needs a token: paste yours in the task pane")
    try:
        name = tokens.owner(token, tokens.stored())
    except InputError:
        reason = "the server cannot read its tokens; tell whoever runs it"
        raise HTTPException(401, reason) from None
    if name is None:
        raise HTTPException(401, "the token is wrong or was revoked")
    return User(id=name, name=name)
