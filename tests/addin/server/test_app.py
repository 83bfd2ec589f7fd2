"""The server as a person starts and stops it, and the pages it shows."""

from __future__ import annotations

import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from addin.functions import NAMESPACE
from addin.server import settings as server_settings
from addin.server.guard import Site
from addin.version import model_version
from pycore import __version__
from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, ROOT, Server, body

server_process.require()
import httpx  # noqa: E402

GOOD = body("cost_multiple", [[[100_000]], [[25_000]]])


def refused(*options: str, env: dict[str, str] | None = None) -> str:
    """Start a server that must not start; the one line that says why."""
    done = subprocess.run(
        [sys.executable, "-m", "addin", "serve", *options],
        cwd=ROOT,
        env=server_process.environment(env or {}),
        capture_output=True,
        text=True,
        timeout=server_process.PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    line = done.stderr.removesuffix("\n")
    assert line.isprintable(), line
    return line


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_process.running(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A certificate for 127.0.0.1, its key, and a key that is not its own."""
    folder = tmp_path_factory.mktemp("certificate")
    certfile, keyfile, other = (folder / name for name in ("cert.pem", "key.pem", "other.pem"))
    for key, out in ((keyfile, certfile), (other, folder / "other-cert.pem")):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(out)),
            ],
            check=True,
            capture_output=True,
        )
    return certfile, keyfile, other


# What it says and how it stops


def test_what_it_says(server: Server) -> None:
    said = "\n".join(server.said)
    assert server.said[0] == (
        f"Fieldbook {model_version()} answers on {server.url} (Ctrl-C stops it)."
    )
    assert "XLWINGS_LICENSE_KEY is not set: for noncommercial use only" in said
    assert "commercial use needs a paid key" in said
    assert f"Manifest: {server.url}/manifest/download" in server.said
    assert server.said[-1].startswith("Next: Excel loads add-ins over HTTPS alone: start again")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with server_process.running(tmp_path) as server, httpx.Client(base_url=server.url) as client:
        assert client.post(CALL, json=GOOD).json() == {"result": [[4.0]]}
        assert server.stop(how) == 0  # with a connection that is still open
        assert server.said[-1] == "Stopped."
        assert "Traceback" not in server.log
    with closing(socket.socket()) as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", server.port))


def test_it_stops_as_soon_as_it_says_that_it_answers() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "addin", "serve", "--port", "0"],
        cwd=ROOT,
        env=server_process.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=server_process.PATIENCE)
    assert (process.returncode, errors) == (0, "")


# What it refuses


@pytest.mark.parametrize("port", ["x", "-1", "65536", "1e3", "8000.0", "", "٨٠٠٠", "9" * 400])
def test_a_bad_port(port: str) -> None:
    assert "--port must be a whole number from 0 to 65535" in refused(f"--port={port}")


def test_a_port_in_use(server: Server) -> None:
    line = refused("--port", str(server.port))
    assert "a port that is free" in line
    assert f"127.0.0.1 {server.port}: Address already in use" in line
    assert line.count("127.0.0.1") == 1
    with httpx.Client(base_url=server.url) as client:
        assert client.post(CALL, json=GOOD).json() == {"result": [[4.0]]}


def test_an_address_of_another_machine() -> None:
    tokens = {"FIELDBOOK_TOKEN_HASHES": f"ada:{'0' * 64}"}
    for host in ("192.0.2.1", "no-such-host.invalid", "x" * 300):
        line = refused("--port", "0", "--insecure", "--host", host, env=tokens)
        assert "be an address of this machine" in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_tokens_in_the_clear(host: str) -> None:
    line = refused("--port", "0", "--host", host, env={"FIELDBOOK_TOKEN_HASHES": f"a:{'0' * 64}"})
    assert line == (
        "--host must be 127.0.0.1 without --certfile and --keyfile, because tokens would travel "
        f"in the clear (--insecure allows that), but is '{host}'"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.x", ""])
def test_no_server_for_others_without_sign_in(host: str) -> None:
    line = refused("--port", "0", f"--host={host}")
    assert line.startswith("--host must be 127.0.0.1 unless people sign in")
    assert "python -m addin token" in line


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"XLWINGS_AUTH_PROVIDERS": '["bearer"]'}, "name a token at least"),
        ({"XLWINGS_AUTH_PROVIDERS": '["custom"]'}, "be one of"),  # takes "test-token"
        ({"XLWINGS_AUTH_PROVIDERS": '["bearer", "entraid"]'}, "be one of"),
        ({"XLWINGS_AUTH_PROVIDERS": "bearer"}, "be one of"),
        ({"XLWINGS_AUTH_PROVIDERS": "[" * 100_000}, "be one of"),
        ({"XLWINGS_AUTH_PROVIDERS": '["entraid"]'}, "XLWINGS_AUTH_ENTRAID_CLIENT_ID must be set"),
        (
            {
                "XLWINGS_AUTH_PROVIDERS": '["entraid"]',
                "XLWINGS_AUTH_ENTRAID_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
                "XLWINGS_AUTH_ENTRAID_TENANT_ID": " ",
            },
            "XLWINGS_AUTH_ENTRAID_TENANT_ID must be set",
        ),
        (
            {"FIELDBOOK_TOKENS_FILE": "/no/such/file"},
            "the file of tokens must be a readable file, but is not: "
            "No such file or directory (/no/such/file)",
        ),
        ({"FIELDBOOK_TOKEN_HASHES": "ada:123"}, "entry 1 of FIELDBOOK_TOKEN_HASHES must"),
        ({"FIELDBOOK_TOKEN_HASHES": "x", "XLWINGS_AUTH_PROVIDERS": "[]"}, "entry 1"),
        (
            {"FIELDBOOK_TOKEN_HASHES": f"a:{'0' * 64}", "XLWINGS_AUTH_PROVIDERS": "[]"},
            "not be empty",
        ),
        ({"FIELDBOOK_REQUEST_SECONDS": "soon"}, "FIELDBOOK_REQUEST_SECONDS must be more than 0"),
        ({"FIELDBOOK_REQUEST_SECONDS": "nan"}, "FIELDBOOK_REQUEST_SECONDS must be more than 0"),
        ({"XLWINGS_LICENSE_KEY": "secret-nonsense"}, "XLWINGS_LICENSE_KEY must be a key that"),
    ],
)
def test_a_bad_environment(env: dict[str, str], reason: str) -> None:
    line = refused("--port", "0", "--host", "127.0.0.1", env=env)
    assert reason in line
    assert "secret" not in line


def test_certificates_that_do_not_fit(certificate: tuple[Path, Path, Path], tmp_path: Path) -> None:
    cert, key, other = map(str, certificate)
    locked = tmp_path / "locked.pem"
    subprocess.run(
        [*("openssl", "rsa", "-aes128", "-passout", "pass:x"), "-in", key, "-out", str(locked)],
        check=True,
        capture_output=True,
    )
    port = ("--port", "0")
    assert "--keyfile must be given too" in refused(*port, "--certfile", cert)
    assert "--certfile must be given too" in refused(*port, "--keyfile", key)
    missing = refused(*port, "--certfile", cert, "--keyfile", "/no/such")
    assert "--keyfile must be a file that can be read" in missing
    folder = refused(*port, "--certfile", str(tmp_path), "--keyfile", key)
    assert "--certfile must be a file that can be read" in folder
    for wrong in (other, cert, str(locked), "README.md"):
        line = refused(*port, "--certfile", cert, "--keyfile", wrong)
        assert "--keyfile must be the certificate's key" in line


def test_without_xlwings_server_it_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "for name in ('xlwings_server', 'uvicorn', 'starlette', 'pydantic'):\n"
        "    sys.modules[name] = None\n"
        "import addin.__main__ as m\n"
        "raise SystemExit(m.main(['serve', '--port', '0']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=server_process.environment({}),
        capture_output=True,
        text=True,
        timeout=server_process.PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "xlwings-server is not installed: "
        "python -m pip install -r addin/server_project/requirements.lock\n"
    )


def test_nothing_else_imports_the_server() -> None:
    code = (
        "import sys, addin.__main__, addin.functions, workbook.__main__\n"
        "addin.__main__.main(['list'])\n"
        "assert not {'xlwings_server', 'uvicorn', 'fastapi', 'h11'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr


# What it shows


def get(server: Server, path: str, **options: Any) -> httpx.Response:
    with httpx.Client(base_url=server.url) as client:
        return client.get(path, **options)


def test_the_version(server: Server) -> None:
    response = get(server, "/fieldbook/version")
    assert response.json() == {"version": model_version()}
    assert response.headers["cache-control"] == "no-store"
    assert re.fullmatch(rf"{re.escape(__version__)}\+[0-9a-f]{{12}}", model_version())


def test_the_manifest(server: Server) -> None:
    response = get(server, "/manifest/download")
    assert response.headers["content-disposition"] == "attachment; filename=fieldbook-prod.xml"
    manifest = ElementTree.fromstring(response.text)
    schema = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
    assert manifest.findtext(f"{schema}Id") == server_settings.MANIFEST_ID
    names = [element.get("DefaultValue") for element in manifest.iter(f"{schema}DisplayName")]
    assert names == ["Fieldbook"]
    assert f'id="Functions.Namespace" DefaultValue="{NAMESPACE}"' in response.text
    assert f"{server.url}/taskpane" in response.text


def test_the_icons_in_the_manifest_are_our_own(server: Server) -> None:
    pictures = re.findall(r'"([^"]*\.png)"', get(server, "/manifest/download").text)
    assert len(pictures) == 5  # two for the list of add-ins, three for the ribbon
    for picture in pictures:
        path = picture.removeprefix(server.url)
        answer = get(server, path)
        assert answer.headers["content-type"] == "image/png"
        size = int(re.sub(r"\D", "", path))
        assert struct.unpack(">II", answer.content[16:24]) == (size, size)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/favicon.ico",
        "/manifest",
        "/manifest.xml",
        "/taskpane",
        "/taskpane.html",
        "/xlwings/custom-functions-code",
        "/xlwings/custom-functions-meta",
        "/xlwings/custom-scripts-meta",
        "/static/js/auth.js",
    ],
)
def test_the_pages(server: Server, path: str) -> None:
    assert get(server, path).status_code == 200


@pytest.mark.parametrize("cdn", [False, True])
def test_the_pages_may_load_nothing_from_elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path, cdn: bool
) -> None:
    # What a browser makes of it is tried in tests/addin/chromium.
    policy = "default-src 'self'%s; object-src 'none'; base-uri 'none'; form-action 'none'"
    if not cdn:
        page = get(request.getfixturevalue("server"), "/taskpane")
        assert page.headers["content-security-policy"] == policy % ""
        return
    with server_process.running(tmp_path, env={"XLWINGS_CDN_OFFICEJS": "true"}) as server:
        page = get(server, "/taskpane")
    host = "https://appsforoffice.microsoft.com"
    assert page.headers["content-security-policy"] == policy % f" {host}"
    assert f'src="{host}/' in page.text


def test_every_file_of_the_package_can_be_had() -> None:
    site = Site(scripts=(), version="")
    # Found, not imported: importing it would tell xlwings that these tests are a server.
    package = find_spec("xlwings_server")
    assert package is not None
    assert package.origin is not None
    for folder in (Path(package.origin).parent / "static", server_settings.PROJECT / "static"):
        for file in folder.rglob("*"):
            if file.is_file() and not file.name.startswith("."):
                assert site.methods(f"/static/{file.relative_to(folder).as_posix()}"), file


def test_over_https(tmp_path: Path, certificate: tuple[Path, Path, Path]) -> None:
    cert, key, _ = certificate
    options = ("--certfile", str(cert), "--keyfile", str(key))
    with server_process.running(tmp_path, *options) as server:
        assert server.url.startswith("https://")
        assert server.said[-1].startswith("Next: save it; in Excel, Home > Add-ins")
        import ssl

        context = ssl.create_default_context(cafile=cert)
        with httpx.Client(base_url=server.url, verify=context) as client:
            assert client.post(CALL, json=GOOD).json() == {"result": [[4.0]]}
            assert f"{server.url}/taskpane" in client.get("/manifest").text


def test_a_key_for_commercial_use_is_not_called_noncommercial(tmp_path: Path) -> None:
    # "noncommercial" given by hand is a key like another: nothing needs to be said.
    with server_process.running(tmp_path, env={"XLWINGS_LICENSE_KEY": "noncommercial"}) as server:
        assert not any("noncommercial" in line for line in server.said)
