"""What a request may carry, and what the guard does around an application, without a network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from addin.server import log as server_log
from addin.server.body import Answer, Asked, Limits, check_book, check_call, parse
from addin.server.guard import Answering, Guard, Site

CALL = "/xlwings/custom-functions-call"
BOOK: dict[str, Any] = {
    "client": "Office.js",
    "version": "0.37.8",
    "book": {"name": "Book1", "active_sheet_index": 0, "selection": "A1"},
    "names": [],
    "sheets": [{"name": "Sheet1", "values": [[1, "x"], [None, True]]}],
}
PATIENCE = 600
LIMITS = Limits(cells=4, seconds=0.2, body_bytes=100, discarded_bytes=1000)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refusal(check: Callable[..., Any], *arguments: Any) -> int:
    """The status with which something is refused; 0 if it is taken."""
    try:
        check(*arguments)
    except HTTPException as error:
        return error.status_code if error.detail.isprintable() else -1
    return 0


@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert refusal(parse, content) in (0, 400)


@given(values, values, values)
def test_any_body_is_taken_or_refused(whole: Any, args: Any, book: Any) -> None:
    call = {"client": "x", "version": "x", "runtime": "1.4", "func_name": "cost_multiple"}
    for body in (whole, call | {"args": args}, call | {"args": [args]}, call | {"args": [[args]]}):
        assert refusal(check_call, body, LIMITS) in (0, 400, 404, 413)
    for body in (whole, BOOK | {"book": book}, BOOK | {"sheets": [book]}, BOOK | {"names": book}):
        assert refusal(check_book, body, LIMITS, "s") in (0, 400, 413)


def test_a_book() -> None:
    assert check_book(BOOK, LIMITS, "s").cells == 4
    check_book(BOOK | {"sheets": [{"name": "lazy", "values": None}], "args": [1]}, LIMITS, "s")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client": None}, "client must be short text"),
        ({"version": 1}, "version must be short text"),
        ({"book": None}, "book must be an object"),
        ({"book": {"name": 1}}, "book must be an object"),
        ({"book": BOOK["book"] | {"selection": 1}}, "book.selection"),
        ({"book": BOOK["book"] | {"active_sheet_index": 1}}, "book.active_sheet_index"),
        ({"book": BOOK["book"] | {"active_sheet_index": -1}}, "book.active_sheet_index"),
        ({"book": BOOK["book"] | {"active_sheet_index": True}}, "book.active_sheet_index"),
        ({"sheets": []}, "sheets must be a list"),
        ({"sheets": {}}, "sheets must be a list"),
        ({"sheets": ["x"]}, "sheets must be objects"),
        ({"sheets": [{"name": "x", "values": 1}]}, "must be rows of cells"),
        ({"sheets": [{"name": "x", "values": [1]}]}, "must be rows of cells"),
        ({"sheets": [{"name": "x", "values": [[[1]]]}]}, "must be rows of cells"),
        ({"sheets": [{"name": "x", "values": [[1], [1, 2]]}]}, "rows of one length"),
        ({"sheets": [{"name": "x", "values": [[1] * 5]}]}, "at most 4 cells"),
        ({"names": None}, "names must be a list"),
        ({"names": [1]}, "names must be a list"),
        ({"args": {}}, "args must be a list"),
    ],
)
def test_a_book_of_the_wrong_shape(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(HTTPException, match=reason):
        check_book(BOOK | change, LIMITS, "s")


# The guard around an application of ours


Reply = list[Message]


async def no_answer(*_asked: Any) -> Answer:
    raise AssertionError


def ask(
    app: Callable[[Scope, Receive, Send], Any],
    *messages: Message | None,
    method: str = "GET",
    path: str = "/manifest",
    headers: dict[str, str] | None = None,
    answer_call: Answering = no_answer,
) -> Reply:
    """Send a request; a message that is None never comes."""

    async def anyone(_request: Request) -> str:
        return "ada"

    site = Site(scripts={"s"}, version="1")
    guard = Guard(app, site=site, authenticate=anyone, answer_call=answer_call, limits=LIMITS)
    waiting = list(messages)
    reply: Reply = []

    async def receive() -> Message:
        message = waiting.pop(0) if waiting else None
        if message is None:
            await asyncio.sleep(60)
            raise AssertionError
        return message

    async def send(message: Message) -> None:
        reply.append(message)

    named = {"host": "x", "content-type": "application/json"} | (headers or {})
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    asyncio.run(guard(scope, receive, send))
    return reply


def chunk(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError


def test_an_internal_error_is_one_plain_line(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError("a secret value")

    with caplog.at_level(logging.INFO, logger=server_log.NAME):
        start, body = ask(broken)
    assert (start["status"], body["body"]) == (500, b"an internal error occurred")
    assert "internal error: KeyError at test_body.py:" in caplog.text
    assert "GET /manifest - 500" in caplog.text
    assert "secret" not in caplog.text


def test_an_error_after_the_answer_began_sends_nothing_more() -> None:
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        raise KeyError

    assert [message["type"] for message in ask(broken)] == ["http.response.start"]


def test_a_call_comes_whole_with_who_called_and_gets_its_answer() -> None:
    got: list[Any] = []

    async def answer(*asked: Any) -> Answer:
        got.append(asked)
        return Answer(status=200, content=b"{}")

    content = b'{"client":"x","version":"x","runtime":"1.4","func_name":"quote","args":[]}'
    parts = chunk(content[:9], more=True), chunk(content[9:]), None
    start, sent = ask(never, *parts, method="POST", path=CALL, answer_call=answer)
    assert got == [("ada", "", content, Asked(function="quote", cells=1))]
    assert (start["status"], sent["body"]) == (200, b"{}")
    assert (b"content-type", b"application/json") in start["headers"]


def test_a_call_of_a_client_that_goes_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    given_up = []

    async def endless(*_asked: Any) -> Answer:
        try:
            await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            given_up.append(True)
            raise
        raise AssertionError

    content = b'{"client":"x","version":"x","runtime":"1.4","func_name":"quote","args":[]}'
    messages = chunk(content), {"type": "http.disconnect"}
    with caplog.at_level(logging.INFO, logger=server_log.NAME):
        assert ask(never, *messages, method="POST", path=CALL, answer_call=endless) == []
    assert given_up == [True]
    assert f"POST {CALL} quote 0" in caplog.text


def test_ranges_whose_shapes_would_fill_too_large_a_block() -> None:
    call = {"client": "x", "version": "x", "runtime": "1.4", "func_name": "cost_multiple"}
    column, row = [[1.0]] * 500, [[1.0] * 401]
    with pytest.raises(HTTPException) as caught:
        check_call(call | {"args": [column, row]}, Limits())
    assert (caught.value.status_code, caught.value.detail) == (
        413,
        "COST_MULTIPLE: one call gives at most 200,000 cells, but its arguments "
        "(value 500 x 1, cost 1 x 401) give 500 x 401",
    )
    assert check_call(call | {"args": [column, [[1.0] * 400]]}, Limits()).cells == 200_000
    # Lists are taken whole and spread over nothing.
    shares = call | {"func_name": "target_shares", "args": [column, row, row]}
    assert check_call(shares, Limits()).cells == 1302


def test_a_body_that_does_not_come() -> None:
    start, body = ask(never, chunk(b"{", more=True), None, method="POST", path=CALL)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert body["body"] == b"the request did not arrive within 0.2 seconds"


def test_a_client_that_goes_gets_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger=server_log.NAME):
        assert ask(never, {"type": "http.disconnect"}, method="POST", path=CALL) == []
    assert f"POST {CALL} - 0" in caplog.text


def test_a_large_body_is_read_to_its_end_so_that_they_hear_why() -> None:
    chunks = [chunk(b" " * 90, more=True), chunk(b" " * 90, more=True), chunk(b"")]
    start, body = ask(never, *chunks, method="POST", path=CALL)
    assert start["status"] == 413
    assert (b"connection", b"close") not in start["headers"]
    assert body["body"] == b"one request takes at most 100 bytes"


def test_a_huge_body_is_not() -> None:
    chunks = [chunk(b" " * 90, more=True)] * 20
    start, _ = ask(never, *chunks, method="POST", path=CALL)
    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]


def test_a_script_that_there_is_and_a_body_that_is_no_workbook() -> None:
    path = "/xlwings/custom-scripts-call/s"
    start, body = ask(never, chunk(b"{}"), method="POST", path=path)
    assert (start["status"], body["body"]) == (400, b"client must be short text")


def test_an_answer_to_head_has_no_body() -> None:
    start, body = ask(never, method="HEAD", path="/manifest")
    assert (start["status"], body["body"]) == (405, b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/a/b-c_d.e~f", "/a/b-c_d.e~f"),
        ("/a b\n\r\x1b[31m\u2028é%", "/a?b????31m???"),
        ("", "-"),
        ("x" * 100, "x" * 77 + "..."),
    ],
)
def test_text_of_a_request_in_the_log(text: str, shown: str) -> None:
    assert server_log.shown(text) == shown
