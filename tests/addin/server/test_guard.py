"""What bad requests get from a running server: a plain 4xx; the next one gets its answer."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, Server, body

server_process.require()
import httpx  # noqa: E402

SCRIPT = "/xlwings/custom-scripts-call/"
GOOD = body("cost_multiple", [[[100_000]], [[25_000]]])
ANSWER = {"result": [[4.0]]}
JSON = {"content-type": "application/json"}
SECONDS = 2
"""How long a request may take to arrive at the hurried server."""
SECRET = "734512.625"
"""Stands in cells; must never stand in the log."""

CALL_LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} "
    r"[A-Za-z0-9/._~?-]+ [A-Za-z0-9/._~?-]+ (-|[a-z_0-9]+) \d{1,3} \d+\.\d ms"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_process.running(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    env = {"FIELDBOOK_REQUEST_SECONDS": str(SECONDS)}
    with server_process.running(tmp_path_factory.mktemp("hurried"), env=env) as running:
        yield running
        assert "Traceback" not in running.log


@pytest.fixture(scope="module")
def shared(running: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, timeout=600) as made:
        yield made


@pytest.fixture
def server(running: Server, shared: httpx.Client) -> Iterator[Server]:
    """A server; whatever it was asked, the next good request is answered and nothing traced."""
    yield running
    response = shared.post(CALL, json=GOOD)
    assert (response.status_code, response.json()) == (200, ANSWER)
    assert "Traceback" not in running.log
    assert "internal error" not in running.log


@pytest.fixture
def client(server: Server, shared: httpx.Client) -> httpx.Client:
    assert server.process.poll() is None
    return shared


def assert_refused(response: httpx.Response, status: int, reason: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.isprintable()
    assert len(response.text) < 200
    assert reason in response.text


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


# Bodies that are no call


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": "\n"}', "not JSON"),
        (b'{"args": [[[' + b"9" * 5000 + b"]]]}", "not JSON"),
        (b"null", "must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b"1e5", "must be a JSON object"),
        (b'"{}"', "must be a JSON object"),
        (b"{}", "client must be short text"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b'{"args": [{"type": "x", "type": "y"}]}', "a key twice"),
        (b'{"args": [[[NaN]]]}', "NaN or Infinity"),
        (b'{"args": [[[-Infinity]]]}', "NaN or Infinity"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', "not UTF-8"),
        (b'{"a": "\\uDc00"}', "not UTF-8"),
        (json.dumps(GOOD).encode("utf-16"), "not UTF-8"),
        (json.dumps(GOOD).encode() + b"x", "not JSON"),
        (json.dumps(GOOD).encode() + b"\0", "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_no_call(client: httpx.Client, content: bytes, reason: str) -> None:
    assert_refused(client.post(CALL, content=content, headers=JSON), 400, reason)


@pytest.mark.parametrize("field", ["client", "version", "runtime"])
@pytest.mark.parametrize("value", [None, 1, 1.4, True, [], {}, "x" * 2000])
def test_a_required_field_of_the_wrong_type(client: httpx.Client, field: str, value: Any) -> None:
    reason = f"{field} must be short text"
    assert_refused(client.post(CALL, json=GOOD | {field: value}), 400, reason)
    assert_refused(client.post(CALL, json=without(field)), 400, reason)


@pytest.mark.parametrize(
    "field", ["caller_address", "session_id", "culture_info_name", "date_format"]
)
@pytest.mark.parametrize("value", [1, 1.4, True, [], {}, "x" * 2000])
def test_an_optional_field_of_the_wrong_type(client: httpx.Client, field: str, value: Any) -> None:
    response = client.post(CALL, json=GOOD | {field: value})
    assert_refused(response, 400, f"{field} must be short text or null")
    assert client.post(CALL, json=without(field)).json() == ANSWER


@pytest.mark.parametrize("runtime", ["", "x", "1", "nan", "1.4\n", "-1.4", "1e3", "\u0661.\u0664"])
def test_a_runtime_that_is_no_version(client: httpx.Client, runtime: str) -> None:
    response = client.post(CALL, json=GOOD | {"runtime": runtime})
    assert_refused(response, 400, "runtime must be a version")


@pytest.mark.parametrize(
    "address", ["", "x", "[", "]!", "'!'", "[b]S!ZZZZZ99999999", "\n", "A1:B2"]
)
def test_an_odd_caller_address_does_not_matter(client: httpx.Client, address: str) -> None:
    assert client.post(CALL, json=GOOD | {"caller_address": address}).json() == ANSWER


def test_another_version_of_the_client(client: httpx.Client) -> None:
    assert client.post(CALL, json=GOOD | {"version": "0.1"}).json() == ANSWER
    response = client.post(CALL, json=GOOD | {"version": "0.1", "client": "Other"})
    assert_refused(response, 400, "xlwings version mismatch")


@pytest.mark.parametrize(
    "name",
    ["", "nope", "COST_MULTIPLE", "__class__", "__builtins__", "served", "cost_multiple ", "a\nb"],
)
def test_an_unknown_function(client: httpx.Client, name: str) -> None:
    response = client.post(CALL, json=GOOD | {"func_name": name})
    assert_refused(response, 404, "there is no function of that name")


@pytest.mark.parametrize("name", [None, 1, [], {}, ["cost_multiple"]])
def test_a_name_that_is_no_text(client: httpx.Client, name: Any) -> None:
    response = client.post(CALL, json=GOOD | {"func_name": name})
    assert_refused(response, 400, "func_name must be text")


# Arguments


@pytest.mark.parametrize("args", [None, 1, "x", {}, {"0": [[1]]}, True])
def test_args_that_are_no_list(client: httpx.Client, args: Any) -> None:
    assert_refused(client.post(CALL, json=GOOD | {"args": args}), 400, "args must be a list")


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ([], "argument 1 must have a cell in every row"),
        ([[]], "argument 1 must have a cell in every row"),
        ([[1], []], "argument 1 must have a cell in every row"),
        ([[1], 2], "argument 1 must be rows of cells"),
        ([1, [2]], "argument 1 must be rows of cells, no deeper"),
        ([[[1]]], "argument 1 must be rows of cells, no deeper"),
        ([[[[1]]]], "argument 1 must be rows of cells, no deeper"),
        ({}, "argument 1 has a cell of a kind"),
        ([[{}]], "argument 1 has a cell of a kind"),
        ([[{"type": 1, "basicValue": 2}]], "argument 1 has a cell of a kind"),
        ([[{"type": "Error"}]], "argument 1 has a cell of a kind"),
        ([[{"type": "WebImage"}]], "argument 1 has a cell of a kind"),
        ([[{"type": "Error", "basicValue": None}]], "an error without its name"),
        ([[{"type": "Double", "basicValue": [1]}]], "no deeper"),
        ([[{"type": "Double", "basicValue": {"x": 1}}]], "no deeper"),
    ],
)
def test_an_argument_of_the_wrong_shape(client: httpx.Client, argument: Any, reason: str) -> None:
    response = client.post(CALL, json=GOOD | {"args": [argument, [[1]]]})
    assert_refused(response, 400, reason)


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1e99999999999999", b"1" * 400 + b".5"])
@pytest.mark.parametrize("cell", [b"%b", b"[[%b]]", b'[[{"type":"Double","basicValue":%b}]]'])
def test_an_exponent_beyond_a_cell(client: httpx.Client, number: bytes, cell: bytes) -> None:
    content = json.dumps(GOOD | {"args": ["?"]}).encode().replace(b'"?"', cell % number)
    response = client.post(CALL, content=content, headers=JSON)
    assert_refused(response, 400, "argument 1 has a number too large for a cell")


def test_too_many_arguments_to_look_at(client: httpx.Client) -> None:
    response = client.post(CALL, json=GOOD | {"args": [[[1]]] * 256})
    assert_refused(response, 400, "args must be at most 255")


def test_too_many_cells(client: httpx.Client) -> None:
    for count in (200_000, 1_000_000):
        response = client.post(CALL, json=GOOD | {"args": [[[1]] * count, [[2]]]})
        assert_refused(response, 413, "one call takes at most 200,000 cells")
    square = [[1] * 1000] * 1000
    assert_refused(client.post(CALL, json=GOOD | {"args": [square, [[2]]]}), 413, "200,000 cells")


def test_as_many_cells_as_there_may_be(client: httpx.Client) -> None:
    column = [[float(value)] for value in range(1, 200_000)]
    response = client.post(CALL, json=GOOD | {"args": [column, [[2]]]})
    assert response.status_code == 200
    assert response.json() == {"result": [[value / 2] for (value,) in column]}


# Sizes and slowness


def test_ten_megabytes(client: httpx.Client) -> None:
    large = b" " * 10_000_000
    for content in (large, json.dumps(GOOD).encode() + large, b"[" * 10_000_000):
        response = client.post(CALL, content=content, headers=JSON)
        assert_refused(response, 413, "at most 5,000,000 bytes")


def test_ten_megabytes_of_no_said_length(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    response = client.post(CALL, content=chunks(), headers=JSON)
    assert_refused(response, 413, "at most 5,000,000 bytes")


def test_a_body_of_no_said_length_that_is_good(client: httpx.Client) -> None:
    content = json.dumps(GOOD).encode()
    chunks = (content[place : place + 7] for place in range(0, len(content), 7))
    assert client.post(CALL, content=chunks, headers=JSON).json() == ANSWER


def raw(server: Server, request: bytes, *, wait: float = 600) -> bytes:
    """What the server answers to bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while chunk := connection.recv(65_536):
                answer += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def post(content: bytes, *headers: str) -> bytes:
    head = [f"POST {CALL} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + content


def test_a_said_length_beyond_everything(server: Server) -> None:
    answer = raw(server, post(b"", "Content-Length: 99999999999999"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_a_said_length_that_is_longer_than_the_body(hurried: Server) -> None:
    answer = raw(hurried, post(b"{}", "Content-Length: 100"))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the request did not arrive within 2 seconds" in answer


def test_a_said_length_that_is_shorter_than_the_body(server: Server) -> None:
    content = json.dumps(GOOD).encode()
    answer = raw(server, post(content, "Content-Length: 10", "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("length", ["x", "-1", "1, 2", "+5", "1e3", "0x10"])
def test_a_said_length_that_is_none(server: Server, length: str) -> None:
    assert raw(server, post(b"{}", f"Content-Length: {length}")).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_goes_away(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(post(b"{", "Content-Length: 100"))


@pytest.mark.parametrize(
    "start",
    [b"", b"POST ", b"POST / HTTP/1.1\r\nHost: localhost\r\nX: ", post(b"{", "Content-Length: 50")],
)
def test_a_request_that_drips(hurried: Server, start: bytes) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", hurried.port)) as connection:
        connection.sendall(start)
        connection.settimeout(0.2)
        while time.monotonic() - began < server_process.PATIENCE:
            try:
                if start:
                    connection.sendall(b" ")
                if not connection.recv(65_536):
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail("the server waits for ever")
    assert time.monotonic() - began > 1  # not before its time: a slow machine only takes longer


def test_many_slow_clients_do_not_keep_others_waiting(client: httpx.Client, server: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(post(b"{", "Content-Length: 100"))
        assert client.post(CALL, json=GOOD).json() == ANSWER
    finally:
        for connection in slow:
            connection.close()


def test_connections_that_send_nothing_make_room_for_others(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        running = server_process.Server(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    silent = []
    try:
        for number in range(320):
            silent.append(socket.create_connection(("127.0.0.1", running.port)))
            if number % 2:
                silent[-1].sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n")
        for _ in range(3):
            response = httpx.post(running.url + CALL, json=GOOD, timeout=600)
            assert (response.status_code, response.json()) == (200, ANSWER)
    finally:
        for connection in silent:
            connection.close()
        running.stop()
    assert "Traceback" not in running.log


# Paths, methods and headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../auth/bearer/__init__.py",
        "/static/..%2fauth/bearer/__init__.py",
        "/static/%2e%2e/auth/bearer/__init__.py",
        "/static/%2e%2e%2fauth%2fbearer%2f__init__.py",
        "/static/js/../../requirements.txt",
        "/static/%252e%252e/requirements.txt",
        "/static/..%5crequirements.txt",
        "/static/....//requirements.txt",
        "/static//etc/passwd",
        "/static/%00",
        "/static/js/auth.js%00.png",
        "/static/.env",
        "/static/js/auth.js/",
        "/static/",
        "/static",
        "/static/nothing.js",
        "//",
        "//etc/passwd",
        "/etc/passwd",
        "/..",
        "/taskpane/",
        "/taskpane%0d%0aX:1",
        "/TASKPANE",
        "/docs",
        "/openapi.json",
        "/socket.io/",
        "/socket.io/?EIO=4&transport=polling",
        "/xlwings",
        "/xlwings/pyodide.json",
        "/xlwings/custom-functions-call/",
        "/custom_functions/__init__.py",
        "/fieldbook/version/",
        "/fieldbook",
        "http://other.example/manifest",
        "http://127.0.0.1/etc/passwd",
        "*",
        "/" + "a" * 5_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths_to_nothing(server: Server, path: str, method: str) -> None:
    answer = raw(
        server, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    status = answer.split(b" ", 2)[1]
    assert status in (b"400", b"404", b"405"), answer
    assert b"import" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (CALL, "POST"),
        ("/manifest", "GET"),
        ("/taskpane", "GET"),
        ("/", "GET, HEAD"),
        ("/fieldbook/version", "GET"),
        ("/static/js/auth.js", "GET, HEAD"),
        ("/xlwings/custom-functions-meta", "GET"),
    ],
)
def test_other_methods(client: httpx.Client, path: str, allowed: str) -> None:
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"} - set(
        allowed.split(", ")
    ):
        response = client.request(method, path)
        assert_refused(response, 405, "only ")
        assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "application/jsonx"}, 415),
        (JSON | {"content-encoding": "gzip"}, 415),
        ({}, 415),
        (JSON | {"host": "a b"}, 400),
        (JSON | {"host": "<script>"}, 400),
        (JSON | {"host": ""}, 400),
    ],
)
def test_headers_that_do_not_fit(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    response = client.post(CALL, content=json.dumps(GOOD).encode(), headers=headers)
    assert_refused(response, status, "must" if status == 415 else "host")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-8"},
        {"content-type": 'Application/JSON;charset="UTF-8"'},
        JSON | {"auth-provider": "fieldbook 0.1.0+abc", "authorization": "Bearer nobody"},
        JSON | {"auth-provider": "~;~", "x-forwarded-for": ",,;", "origin": "http://x"},
        JSON | {"x-long": "x" * 20_000},
    ],
)
def test_headers_that_do(client: httpx.Client, headers: dict[str, str]) -> None:
    content = json.dumps(GOOD).encode()
    assert client.post(CALL, content=content, headers=headers).json() == ANSWER


@pytest.mark.parametrize(
    "head",
    [
        b"POST %b HTTP/1.1\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: text/a\r\nContent-Type: text/b\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n",
        b"POST %b HTTP/9.9\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST %b\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2_000_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 2_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/json\r\n\r\nzz\r\n",
    ],
)
def test_heads_that_are_no_http(server: Server, head: bytes) -> None:
    answer = raw(server, head.replace(b"%b", CALL.encode()))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer


def test_a_length_beside_chunks(server: Server) -> None:
    content = json.dumps(GOOD).encode()
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    head = ("Transfer-Encoding: chunked", f"Content-Length: {len(chunked)}")
    for headers in (head, head[::-1]):
        answer = raw(server, post(chunked, *headers) + post(content))  # and one more behind it
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"connection: close" in answer
        assert answer.count(b"HTTP/1.1") == 1


def test_an_upgrade_to_a_socket_is_a_request_like_another(server: Server) -> None:
    request = (
        "GET /socket.io/ HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert raw(server, request.encode()).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("path", ["/static/css", "/static/js/", "/static/no.css", "/xlwings/alert"])
def test_nothing_is_said_in_plain_text(client: httpx.Client, path: str) -> None:
    # The package's page for alerts shows whatever text its address holds.
    query = {"prompt": SECRET, "title": "t", "buttons": "ok", "mode": "info", "callback": "c"}
    assert_refused(client.get(path, params=query), 404, "there is nothing here")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":8000", ":443"])
def test_the_names_of_this_machine(client: httpx.Client, name: str, port: str) -> None:
    response = client.get("/manifest", headers={"host": name + port})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"),
        *("127.0.0.2", "0.0.0.0", "localhost:80:80", "::1", "[::1", "[::2]", "localhost.", ":80"),
    ],
)
def test_a_name_that_is_led_to_this_machine(client: httpx.Client, host: str) -> None:
    for path in ("/manifest", "/fieldbook/version", "/nothing"):
        assert_refused(client.get(path, headers={"host": host}), 400, "must be localhost or")
    response = client.post(CALL, json=GOOD, headers={"host": host})
    assert_refused(response, 400, "must be localhost or")


# Scripts


@pytest.mark.parametrize(
    "name", ["nope", "__class__", "settings", "", "a/b", "..", "%2e%2e", "a%0ab"]
)
def test_an_unknown_script(client: httpx.Client, name: str) -> None:
    response = client.post(SCRIPT + name, json={"client": "Office.js", "version": "0.37.8"})
    assert_refused(response, 404, "there is nothing here")


# The log


def test_the_log_has_a_line_for_each_request_and_no_value(tmp_path: Path) -> None:
    number = float(SECRET)
    forged = "2026-01-01T00:00:00+0000%20GET%20/forged%20-%20200%201.0%20ms"
    with (
        server_process.running(tmp_path) as server,
        httpx.Client(base_url=server.url, timeout=600) as client,
    ):
        client.post(CALL, json=body("cost_multiple", [[[number]], [[1]]]))
        client.post(CALL, json=body("cost_multiple", [[[SECRET]], [[1]]]))  # the reason repeats it
        client.post(CALL, json=body("cost_multiple", [[[-number]], [[1]]]))
        client.post(CALL, json=body(f"no_{SECRET}\nINFO", [[[1]]]))
        client.post(CALL, json=GOOD | {"caller_address": f"[{SECRET}\n2026 POST /]S!A1"})
        client.post(CALL, json=GOOD, headers={"authorization": f"Bearer {SECRET}"})
        client.get(f"/nothing%0a{forged}")
        client.get(f"/nothing%1b[31m%e2%80%a8%c2%85%0d{forged}")
        client.get(f"/manifest?token={SECRET}")
        assert server.stop() == 0
        lines = server.log.splitlines()
    assert len(lines) == 9
    assert all(CALL_LINE.fullmatch(line) for line in lines), lines
    assert SECRET not in "\n".join(lines)
    # A line is written after its answer was sent, so that two may change places.
    asked = sorted(line.split()[2:5] for line in lines if line.split()[2] == CALL)
    assert asked == [
        [CALL, "-", "404"],
        [CALL, "cost_multiple", "200"],
        [CALL, "cost_multiple", "200"],
        [CALL, "cost_multiple", "200"],
        [CALL, "cost_multiple", "400"],
        [CALL, "cost_multiple", "400"],
    ]


def test_after_everything_the_log_has_nothing_but_lines_of_its_own(running: Server) -> None:
    fixed = "uvicorn.error: Invalid HTTP request received."
    for line in running.log.splitlines():
        assert CALL_LINE.fullmatch(line) or line.split(" ", 1)[1] == fixed, line
