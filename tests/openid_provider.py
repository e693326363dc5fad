"""An OpenID Connect provider on loopback: signs in the person in `claims`, and checks the client's requests."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.identity import CLIENT, SECRET


class Provider:
    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.in_token: dict[str, Any] | None = None  # where the token says something else than /userinfo
        self.asked: dict[str, dict[str, str]] = {}  # by code: what the client came with
        self.sign: Callable[[dict[str, Any]], str] = lambda said: jwt.encode(said, SECRET, algorithm="HS256")
        self.secret = SECRET
        self.beside_token: dict[str, Any] = {}  # what the answer with the token says besides, or instead
        self.config: dict[str, Any] = {}  # likewise
        self.keys: list[dict[str, Any]] = []  # that it publishes
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Answer,), {"provider": self}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Answer(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            base = self.provider.url
            self._json({
                "issuer": base, "authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo", "jwks_uri": f"{base}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"], **self.provider.config,
            })  # fmt: skip
        elif parts.path == "/authorize":
            self._authorize({name: values[0] for name, values in parse_qs(parts.query).items()})
        elif parts.path == "/jwks":
            self._json({"keys": self.provider.keys})
        elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
            self._json(self.provider.claims)
        else:
            self._json({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        given = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        asked = self.provider.asked.pop(given.get("code", ""), {})
        answer = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        is_theirs = base64.urlsafe_b64encode(answer).decode().rstrip("=") == asked.get("code_challenge")
        if not is_theirs or (given.get("client_id"), given.get("client_secret", "")) != (CLIENT, self.provider.secret):
            self._json({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        said = {"iss": self.provider.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked.get("nonce")}
        said |= self.provider.claims if self.provider.in_token is None else self.provider.in_token
        given_out = {"access_token": "access", "token_type": "Bearer", "id_token": self.provider.sign(said)}
        self._json(given_out | self.provider.beside_token)

    def _authorize(self, asked: dict[str, str]) -> None:
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            self._json({"error": "invalid_request"}, 400)
            return
        code = f"code-{len(self.provider.asked)}-{time.monotonic_ns()}"
        self.provider.asked[code] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.end_headers()

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass
