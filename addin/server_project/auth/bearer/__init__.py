"""Sign in with a bearer token that `python -m addin token` made."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import HTTPException
from xlwings_server.models import User

from addin.server import tokens
from pycore.errors import InputError


async def validate_token(token_string: str) -> User:
    """Find whose token a request brought.

    Nothing is remembered between requests, so that a revoked token is refused at once.

    Parameters
    ----------
    token_string : str
        The Authorization header.

    Raises
    ------
    HTTPException
        401, with the reason.
    """
    token = tokens.presented(token_string)
    if not token:
        raise _unauthorized("this server needs a token: paste yours in the task pane")
    try:
        name = tokens.owner(token, tokens.stored())
    except InputError:
        raise _unauthorized("the server cannot read its tokens; tell whoever runs it") from None
    if name is None:
        raise _unauthorized("the token is wrong or was revoked")
    return User(id=name, name=name)


def _unauthorized(reason: str) -> HTTPException:
    return HTTPException(
        HTTPStatus.UNAUTHORIZED, detail=reason, headers={"WWW-Authenticate": "Bearer"}
    )
