"""Authlib's client: OAuth2Session over requests."""

import os
import pathlib
import sys

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback http
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

import application
from feature import ask, authorize, expect, metadata, run, say_versions, world

say_versions("Authlib")
SCOPE = "openid profile"
API = f"{SCOPE} accounts:read"
AS = metadata()


def session(client_id="web", client_secret=world.secret, **options):
    settings = {"scope": SCOPE, "redirect_uri": world.callback, "code_challenge_method": "S256", **options}
    return OAuth2Session(client_id, client_secret, **settings)


def tokens(client, browser=None, **parameters):
    """The code flow, with the ID token checked by Authlib's own rules."""
    verifier, nonce = generate_token(48), generate_token()
    url, state = client.create_authorization_url(AS["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **parameters)
    resource = {key: value for key, value in parameters.items() if key == "resource"}
    endpoint = AS["mtls_endpoint_aliases"]["token_endpoint"] if client.cert else AS["token_endpoint"]
    token = client.fetch_token(endpoint, authorization_response=authorize(url, browser), state=state, code_verifier=verifier, **resource)
    keys = KeySet.import_key_set(client.get(AS["jwks_uri"], withhold_token=True).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256", "RS256"])
    options = {"iss": {"value": AS["issuer"]}, "aud": {"value": client.client_id}, "nonce": {"value": nonce}}
    claims = CodeIDToken(decoded.claims, decoded.header, options, {"nonce": nonce, "client_id": client.client_id})
    claims.validate()
    return token, claims


def discovery():
    document = OpenIDProviderMetadata(AS)
    document.validate()
    expect(document["issuer"], world.issuer, "issuer")


def userinfo():
    client = session()
    _, claims = tokens(client)
    person = client.get(AS["userinfo_endpoint"]).json()
    expect((person["name"], person["sub"]), ("Ada Lovelace", claims["sub"]), "person")


def refresh():
    client = session()
    token, _ = tokens(client)
    again = client.refresh_token(AS["token_endpoint"], token["refresh_token"])
    expect(again["token_type"].lower(), "bearer", "token_type")


def api():
    client = session(scope=API)
    tokens(client, resource=world.api)
    expect(client.get(world.api).json()["client"], "web", "client")


def private_key_jwt():
    key = ECKey.import_key(world.key)
    client = session("signer", key, token_endpoint_auth_method="private_key_jwt")
    # By itself it writes the token endpoint into `aud`, which OAuth 2.1 forbids; it takes another audience.
    client.register_client_auth_method(PrivateKeyJWT(AS["issuer"], headers={"kid": world.key["kid"]}, alg="ES256"))
    tokens(client)


def mtls():
    client = session("tls", None, scope=API, token_endpoint_auth_method="none")
    client.trust_env = False  # or REQUESTS_CA_BUNDLE would win
    client.cert, client.verify = (world.clientCertificate, world.clientKey), world.authority
    tokens(client, resource=world.tlsApi)
    expect(client.get(world.tlsApi).json()["client"], "tls", "client")


def client_credentials():
    client = session("machine", scope="accounts:read")
    client.fetch_token(AS["token_endpoint"], grant_type="client_credentials", resource=world.api)
    expect(client.get(world.api).json()["client"], "machine", "client")


def exchange():
    token, _ = tokens(session(scope=API), resource=world.api)
    kind = "urn:ietf:params:oauth:token-type:access_token"
    asked = {"grant_type": world.tokenExchange, "subject_token": token["access_token"], "subject_token_type": kind}
    got = session("exchanger", scope="accounts:read").fetch_token(AS["token_endpoint"], resource=world.api, **asked)
    expect(got["issued_token_type"], kind, "issued_token_type")


def introspection():
    token, _ = tokens(session(scope=API), resource=world.api)
    answer = session("accounts-api").introspect_token(AS["introspection_endpoint"], token=token["access_token"])
    expect(answer.json()["active"], True, "active")


def revocation():
    client = session()
    token, _ = tokens(client)
    expect(client.revoke_token(AS["revocation_endpoint"], token=token["refresh_token"]).status_code, 200, "status")
    try:
        client.refresh_token(AS["token_endpoint"], token["refresh_token"])
    except Exception as error:
        expect(error.error, "invalid_grant", "the revoked token")
    else:
        raise AssertionError("a revoked token was taken")


def cimd():
    client = session(world.cimd, None, scope="openid", redirect_uri=world.cimdCallback, token_endpoint_auth_method="none")
    tokens(client)


def silent():
    before, again = tokens(session(), "authlib")[1], tokens(session(), "authlib", prompt="none")[1]
    expect(again["sub"], before["sub"], "sub")


def rp_logout():
    application.start()

    def visit(path):
        return ask("visit", browser="authlib logout", url=application.ORIGIN + path)

    expect(visit("/private")["url"], f"{application.ORIGIN}/session", "where the sign-in ended")
    expect(visit("/session")["status"], 200, "the session")
    goodbye = visit("/logout")
    expect((goodbye["status"], goodbye["url"].split("?")[0]), (200, f"{application.ORIGIN}/goodbye"), "where she was sent")
    expect(visit("/session")["status"], 401, "the session after it")
    expect(ask("signed-in", browser="authlib logout")["signedIn"], False, "signed in at the server")


run(
    {
        "discovery": discovery,
        "code": lambda: expect(tokens(session())[0]["token_type"], "Bearer", "token_type"),
        "userinfo": userinfo,
        "refresh": refresh,
        "api": api,
        "private_key_jwt": private_key_jwt,
        "par": "its client has no pushed request",
        "jar": "its rfc9101 is for servers",
        "jarm": "reads the code from plain parameters only",
        "dpop": "has no DPoP; a DPoP token is an unsupported token type to it",
        "mtls": mtls,
        "message_signing": "has neither PAR nor JAR nor JARM nor DPoP",
        "client_credentials": client_credentials,
        "device": "its rfc8628 is for servers",
        "ciba": "has no backchannel authentication",
        "exchange": exchange,
        "introspection": introspection,
        "revocation": revocation,
        "registration": "its rfc7591 is for servers",
        "resource_metadata": "has no RFC 9728",
        "cimd": cimd,
        "mcp": "is no MCP client",
        "silent": silent,
        "rp_logout": rp_logout,
        "backchannel_logout": "has no check of logout tokens",
        "frontchannel_logout": "leaves it to its application",
        "session": "has no page for it",
    }
)
