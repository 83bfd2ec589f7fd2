"""Who may call a server that asks for a token, while tokens come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.server import tokens as server_tokens
from addin.version import model_version
from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, Server, body

server_process.require()
import httpx  # noqa: E402

GOOD = body("cost_multiple", [[[100_000]], [[25_000]]])
ANSWER = {"result": [[4.0]]}
MISSING = "this server needs a token: paste yours in the task pane"
WRONG = "the token is wrong or was revoked"


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tokens") / "tokens"
    server_tokens.make(file, "first")
    return file


@pytest.fixture(scope="module")
def server(tokens: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    env = {server_tokens.FILE_VARIABLE: str(tokens)}
    folder = tmp_path_factory.mktemp("server")
    with server_process.running(folder, "--host", "0.0.0.0", "--insecure", env=env) as running:
        running.url = f"http://127.0.0.1:{running.port}"
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=600) as made:
        yield made


def call(client: httpx.Client, authorization: str | None, **other: str) -> httpx.Response:
    headers = {} if authorization is None else {"authorization": authorization}
    return client.post(CALL, json=GOOD, headers=headers | other)


def assert_unauthorized(response: httpx.Response, reason: str) -> None:
    assert (response.status_code, response.text) == (401, reason)
    assert response.headers["www-authenticate"] == "Bearer"


def test_with_a_token(client: httpx.Client, tokens: Path) -> None:
    token = server_tokens.make(tokens, "ada")
    for authorization in (f"Bearer {token}", f"bearer {token}", token):
        assert call(client, authorization).json() == ANSWER
    # Excel's client sends the model's version in the provider, see static/js/auth.js.
    provider = {"auth-provider": f"fieldbook {model_version()}"}
    assert call(client, f"Bearer {token}", **provider).json() == ANSWER


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "bearer"])
def test_without_a_token(client: httpx.Client, authorization: str | None) -> None:
    assert_unauthorized(call(client, authorization), MISSING)


@pytest.mark.parametrize(
    "authorization",
    ["Bearer x", "x", "Basic eDp4", "Bearer test-token", "Bearer a b", "Bearer " + "x" * 10_000],
)
def test_with_a_wrong_token(client: httpx.Client, authorization: str) -> None:
    assert_unauthorized(call(client, authorization), WRONG)


def test_the_hash_is_no_token(client: httpx.Client, tokens: Path) -> None:
    for line in tokens.read_text().splitlines():
        assert_unauthorized(call(client, f"Bearer {line.split()[1]}"), WRONG)


def test_two_tokens_at_once(client: httpx.Client, tokens: Path) -> None:
    token = server_tokens.make(tokens, "twice")
    headers = [("authorization", f"Bearer {token}"), ("authorization", "Bearer x")]
    response = client.post(CALL, json=GOOD, headers=headers)
    assert (response.status_code, response.text) == (400, "the header authorization came twice")


def test_revoked_while_it_runs(client: httpx.Client, tokens: Path) -> None:
    token, other = (server_tokens.make(tokens, name) for name in ("eve", "mary"))
    for _ in range(3):
        assert call(client, f"Bearer {token}").json() == ANSWER
    server_tokens.revoke(tokens, "eve")
    assert_unauthorized(call(client, f"Bearer {token}"), WRONG)
    assert call(client, f"Bearer {other}").json() == ANSWER
    again = server_tokens.make(tokens, "eve")
    assert_unauthorized(call(client, f"Bearer {token}"), WRONG)
    assert call(client, f"Bearer {again}").json() == ANSWER


def test_a_file_that_is_broken_or_gone_lets_nobody_in(client: httpx.Client, tokens: Path) -> None:
    token = server_tokens.make(tokens, "grace")
    content = tokens.read_bytes()
    reason = "the server cannot read its tokens; tell whoever runs it"
    try:
        tokens.write_bytes(b"broken")
        assert_unauthorized(call(client, f"Bearer {token}"), reason)
        tokens.unlink()
        assert_unauthorized(call(client, f"Bearer {token}"), reason)
        tokens.write_bytes(b"")
        assert_unauthorized(call(client, f"Bearer {token}"), WRONG)
    finally:
        tokens.write_bytes(content)
    assert call(client, f"Bearer {token}").json() == ANSWER


def test_it_warns_that_tokens_travel_in_the_clear(server: Server) -> None:
    warning = "Warning: without HTTPS, tokens and cells can be read by anyone on the way."
    assert warning in server.said


def test_nothing_of_a_call_is_looked_at_before_the_token(client: httpx.Client) -> None:
    for content in (b"{", b"[" * 1_000_000, b" " * 10_000_000):
        assert_unauthorized(client.post(CALL, content=content), MISSING)


def test_the_pages_need_no_token(client: httpx.Client) -> None:
    # Excel fetches them itself; they hold nothing that the workbook does not.
    for path in ("/manifest", "/taskpane", "/fieldbook/version", "/xlwings/custom-functions-meta"):
        assert client.get(path).status_code == 200
    assert '"authProviders": ["bearer"]' in client.get("/taskpane").text.replace("&#34;", '"')


def test_the_log_has_no_token_and_no_name(server: Server, client: httpx.Client) -> None:
    secret = "a-secret-that-is-wrong"
    call(client, f"Bearer {secret}")
    client.get(f"/manifest?token={secret}", headers={"authorization": secret})
    assert secret not in server.log
    for name in ("ada", "grace", "bearer", "Bearer"):
        assert name not in server.log
    assert " 401 " in server.log
    assert "Traceback" not in server.log


def test_hashes_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    token = server_tokens.make(file, "ada")
    env = {server_tokens.HASHES_VARIABLE: file.read_text().strip().replace(" ", ":")}
    with (
        server_process.running(tmp_path, "--host", "0.0.0.0", "--insecure", env=env) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        assert call(client, f"Bearer {token}").json() == ANSWER
        assert_unauthorized(call(client, "Bearer x"), WRONG)


def test_entra_refuses_what_is_no_token_of_its_own(tmp_path: Path) -> None:
    # What it does with a real token needs a tenant at Microsoft; see the README.
    env = {
        "XLWINGS_AUTH_PROVIDERS": '["entraid"]',
        "XLWINGS_AUTH_ENTRAID_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
        "XLWINGS_AUTH_ENTRAID_TENANT_ID": "22222222-2222-2222-2222-222222222222",
    }
    with (
        server_process.running(tmp_path, "--host", "0.0.0.0", "--insecure", env=env) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        for authorization in (None, "x", "Bearer", "Bearer a b", "Error: 13001"):
            response = call(client, authorization)
            assert response.status_code == 401
            assert response.text.isprintable()
        assert client.get("/taskpane").status_code == 200
        assert "Traceback" not in server.log
