"""A provider for tests: Canaille, with everything in memory.

    python canaille-provider.py PORT KEYS SECRET

PORT is the port of the loopback, or 0 for a free one. KEYS is the file that keeps the signing keys
over a restart. SECRET is the secret of each client, and the password of the user alice.

`POST /control/rotate` publishes new keys, signs with them, and removes the keys that signed before
the previous rotation.
"""

import json
import pathlib
import socket
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

KEYS, SECRET = pathlib.Path(sys.argv[2]), sys.argv[3]

# Only takes the port: until the provider is ready, the port refuses connections.
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
HOST, PORT = listener.getsockname()


def generation():
    """One new key for each algorithm."""
    keys = [RSAKey.generate_key(2048, auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)]
    return [key.as_dict(private=True) for key in keys]


def add_generation(previous):
    generations = [generation(), *previous][:2]
    KEYS.write_text(json.dumps(generations))
    return generations


def keys():
    """The newest generation signs. The previous one is only published."""
    return {"ACTIVE_JWKS": generations[0], "INACTIVE_JWKS": sum(generations[1:], [])}


generations = json.loads(KEYS.read_text()) if KEYS.exists() else add_generation([])
app = create_app(
    {
        "SECRET_KEY": SECRET,
        "SERVER_NAME": f"{HOST}:{PORT}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "SMTP": None},
        "CANAILLE_OIDC": {
            **keys(),
            "DYNAMIC_CLIENT_REGISTRATION_OPEN": True,
            "REQUIRE_NONCE": False,
        },
    }
)


def add_client(name, algorithm):
    """The algorithm of a client's ID tokens is also that of its access tokens."""
    client = models.Client(
        client_id=name,
        client_secret=SECRET,
        client_name=name,
        # Canaille asks for no consent if it trusts the client's address.
        client_uri="http://127.0.0.1",
        redirect_uris=["http://127.0.0.1/callback"],
        grant_types=["authorization_code", "client_credentials", "password", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg=algorithm,
    )
    Backend.instance.save(client)
    # The audience of the access tokens.
    client.audience = [client]
    Backend.instance.save(client)


with app.app_context():
    alice = models.User(
        user_name="alice",
        formatted_name="Alice",
        family_name="Alice",
        emails=["alice@example.com"],
        password=SECRET,
    )
    Backend.instance.save(alice)
    add_client("rs256", "RS256")
    add_client("es256", "ES256")


def serve(environ, start_response):
    if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/control/rotate"):
        global generations
        generations = add_generation(generations)
        app.config["CANAILLE_OIDC"] = {**app.config["CANAILLE_OIDC"], **keys()}
        start_response("200 OK", [("content-length", "0")])
        return []
    return app(environ, start_response)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


server = make_server(
    HOST, PORT, serve, threaded=True, request_handler=Quiet, fd=listener.fileno()
)
server.server_activate()
print(f"listening: http://{HOST}:{PORT}", flush=True)
server.serve_forever()
