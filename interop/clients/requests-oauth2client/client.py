"""requests_oauth2client's OAuth2Client."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import requests
from requests_oauth2client import (
    BackChannelAuthenticationPollingJob,
    ClientSecretBasic,
    DeviceAuthorizationPollingJob,
    DPoPKey,
    InvalidGrant,
    OAuth2Client,
    PrivateKeyJwt,
    PublicApp,
)

from feature import ask, authorize, expect, metadata, run, say_versions, world

say_versions("requests-oauth2client")
SCOPE = "openid profile"
API = f"{SCOPE} accounts:read"
AS = metadata()


def client(auth=None, **options):
    """Discovery leaves these two endpoints out, so they are named."""
    settings = {
        "redirect_uri": world.callback,
        "id_token_signed_response_alg": "ES256",
        "device_authorization_endpoint": AS["device_authorization_endpoint"],
        "backchannel_authentication_endpoint": AS["backchannel_authentication_endpoint"],
        **options,
    }
    auth = auth or ClientSecretBasic("web", world.secret)
    return OAuth2Client.from_discovery_endpoint(issuer=world.issuer, auth=auth, testing=True, **settings)


def signer(client_id):
    """By itself it writes the endpoint's address into `aud`, which OAuth 2.1 forbids; it takes another audience."""
    return PrivateKeyJwt(client_id, world.key, aud=world.issuer)


def named(client_id):
    return ClientSecretBasic(client_id, world.secret)


def tokens(of, send=lambda of, request: request.uri, validate=True, browser=None, **parameters):
    request = of.authorization_request(**{"scope": SCOPE, **parameters})
    answer = request.validate_callback(authorize(send(of, request), browser))
    return of.authorization_code(answer, validate=validate)


def pushed(of, request):
    return of.pushed_authorization_request(request).uri


def signed(_of, request):
    return request.sign(world.key, lifetime=60).uri


def called(token, url, **options):
    response = requests.get(url, auth=token, timeout=10, **options)
    expect(response.status_code, 200, "the API")
    return response.json()


def userinfo():
    of = client()
    token = tokens(of)
    expect(of.userinfo(token)["name"], "Ada Lovelace", "name")


def refresh():
    of = client()
    expect(of.refresh_token(tokens(of)).token_type, "Bearer", "token_type")


def api():
    expect(called(tokens(client(), scope=API, resource=world.api), world.api)["client"], "web", "client")


def dpop():
    of = client(named("bound"))
    # Without openid: validating an ID token, 1.8.0 makes its DPoP token anew without the key, and throws.
    token = tokens(of, pushed, validate=False, scope="accounts:read", resource=world.boundApi, dpop=True)
    expect(token.token_type, "DPoP", "token_type")
    called(token, world.boundApi)
    called(of.refresh_token(token), world.boundApi)


def mtls():
    session = requests.Session()
    session.trust_env = False  # or REQUESTS_CA_BUNDLE would win
    session.cert, session.verify = (world.clientCertificate, world.clientKey), world.authority
    of = client(PublicApp("tls"), session=session)
    alias = OAuth2Client(
        AS["mtls_endpoint_aliases"]["token_endpoint"],
        auth=PublicApp("tls"),
        session=session,
        issuer=world.issuer,
        authorization_endpoint=AS["authorization_endpoint"],
        authorization_server_jwks=of.authorization_server_jwks,
        redirect_uri=world.callback,
        id_token_signed_response_alg="ES256",
        testing=True,
    )
    token = tokens(alias, scope=API, resource=world.tlsApi)
    called(token, world.tlsApi, cert=session.cert, verify=session.verify)


def client_credentials():
    token = client(named("machine")).client_credentials(scope="accounts:read", resource=world.api)
    expect(called(token, world.api)["client"], "machine", "client")


def device():
    of = client(PublicApp("tv"))
    asked = of.authorize_device(scope=SCOPE)
    ask("device", user_code=asked.user_code)
    finished(DeviceAuthorizationPollingJob(of, asked))


def ciba():
    of = client(named("till"))
    message = f"Till {DPoPKey.generate().dpop_jkt[:6]}"
    asked = of.backchannel_authentication_request(scope="openid", login_hint=world.username, binding_message=message)
    ask("approve", binding_message=message)
    finished(BackChannelAuthenticationPollingJob(of, asked))


def finished(job):
    token = next(token for token in (job() for _ in range(4)) if token is not None)
    expect(token.id_token is not None, True, "an ID token")


def exchange():
    subject = tokens(client(), scope=API, resource=world.api)
    got = client(named("exchanger")).token_exchange(subject_token=subject, resource=world.api)
    expect(got.issued_token_type, "urn:ietf:params:oauth:token-type:access_token", "issued_token_type")


def introspection():
    token = tokens(client(), scope=API, resource=world.api)
    expect(client(named("accounts-api")).introspect_token(token)["active"], True, "active")


def revocation():
    of = client()
    token = tokens(of)
    expect(of.revoke_refresh_token(token), True, "revoked")
    try:
        of.refresh_token(token)
    except InvalidGrant:
        return
    raise AssertionError("a revoked token was taken")


def cimd():
    of = client(PublicApp(world.cimd), redirect_uri=world.cimdCallback, id_token_signed_response_alg="RS256")
    tokens(of, scope="openid")


def silent():
    of = client()
    before, again = tokens(of, browser="requests"), tokens(of, browser="requests", prompt="none")
    expect(again.id_token.sub, before.id_token.sub, "sub")


run(
    {
        "discovery": lambda: expect(client().token_endpoint, AS["token_endpoint"], "token_endpoint"),
        "code": lambda: expect(tokens(client()).token_type, "Bearer", "token_type"),
        "userinfo": userinfo,
        "refresh": refresh,
        "api": api,
        "private_key_jwt": lambda: tokens(client(signer("signer"))),
        "par": lambda: tokens(client(), pushed),
        "jar": lambda: tokens(client(signer("signed-request")), signed),
        "jarm": "reads the code from plain parameters only",
        "dpop": dpop,
        "mtls": mtls,
        "message_signing": "has no JARM, and cannot push a signed request",
        "client_credentials": client_credentials,
        "device": device,
        "ciba": ciba,
        "exchange": exchange,
        "introspection": introspection,
        "revocation": revocation,
        "registration": "has no client for it",
        "resource_metadata": "has no RFC 9728",
        "cimd": cimd,
        "mcp": "is no MCP client",
        "silent": silent,
        "rp_logout": "has no request for it",
        "backchannel_logout": "has no check of logout tokens",
        "frontchannel_logout": "leaves it to its application",
        "session": "has no page for it",
    }
)
