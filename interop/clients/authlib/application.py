"""A Flask application that signs people in and out by Authlib's integration."""

import secrets
import threading
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session
from werkzeug.serving import make_server

from feature import world

ORIGIN = world.parties["authlib"]


def start():
    """Serves until the program ends."""
    app = Flask("interop")
    app.secret_key = secrets.token_bytes(32)
    holdfast = OAuth(app).register(
        "holdfast",
        client_id="authlib",
        client_secret=world.secret,
        server_metadata_url=f"{world.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )

    @app.get("/private")
    def private():
        return holdfast.authorize_redirect(f"{ORIGIN}/callback")

    @app.get("/callback")
    def callback():
        token = holdfast.authorize_access_token()
        session["user"] = token["userinfo"]["sub"]
        session["hint"] = token["id_token"]
        return redirect("/session")

    @app.get("/session")
    def known():
        return {"sub": session["user"]} if "user" in session else ({}, 401)

    @app.get("/logout")
    def logout():
        hint = session.pop("hint")
        session.pop("user")
        return holdfast.logout_redirect(post_logout_redirect_uri=f"{ORIGIN}/goodbye", id_token_hint=hint)

    @app.get("/goodbye")
    def goodbye():
        return {"state": holdfast.validate_logout_response()}

    server = make_server("127.0.0.1", urlsplit(ORIGIN).port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
