import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.*;
import com.nimbusds.oauth2.sdk.jarm.JARMValidator;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.*;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.net.URI;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;

/** The code flow of one client, with what it uses of the standards switched on. */
final class Flow {
  final ClientID id;
  private final Authentication authentication;
  URI callback = Main.address("callback");
  Scope scope = new Scope("openid", "profile");
  URI resource;
  boolean push, sign, jarm;
  /** Of a browser that is kept; else a new one. */
  String browser;
  Prompt prompt;
  SSLSocketFactory sockets;
  JWSAlgorithm idTokenAlg = JWSAlgorithm.ES256;
  DefaultDPoPProofFactory proofs;
  private Nonce serverNonce, apiNonce;
  final OIDCProviderMetadata metadata;

  /** A new one for each request: the SDK's private_key_jwt is one assertion, good once. */
  interface Authentication {
    ClientAuthentication make() throws Exception;
  }

  Flow(String id, Authentication authentication) throws Exception {
    this.id = new ClientID(id);
    this.authentication = authentication;
    this.metadata = OIDCProviderMetadata.resolve(new Issuer(Main.world("issuer")));
  }

  static Flow withSecret(String id) throws Exception {
    return new Flow(id, () -> secret(id));
  }

  static ClientAuthentication secret(String id) {
    return new ClientSecretBasic(new ClientID(id), new Secret(Main.world("secret")));
  }

  static Flow signing(String id) throws Exception {
    ECKey key = key();
    var issuer = Main.address("issuer");
    return new Flow(id, () -> new PrivateKeyJWT(new ClientID(id), issuer, JWSAlgorithm.ES256, key.toPrivateKey(), key.getKeyID(), null));
  }

  static ECKey key() throws Exception {
    return ECKey.parse(((net.minidev.json.JSONObject) Main.world.get("key")).toJSONString());
  }

  Flow forApi(String name) {
    scope = new Scope("openid", "accounts:read");
    resource = Main.address(name);
    return this;
  }

  Flow proving() throws Exception {
    proofs = new DefaultDPoPProofFactory(new ECKeyGenerator(Curve.P_256).generate(), JWSAlgorithm.ES256);
    return this;
  }

  OIDCTokens tokens() throws Exception {
    var verifier = new CodeVerifier();
    var state = new State();
    var nonce = new Nonce();
    var builder = new AuthenticationRequest.Builder(new ResponseType(ResponseType.Value.CODE), scope, id, callback)
      .endpointURI(metadata.getAuthorizationEndpointURI())
      .state(state)
      .nonce(nonce)
      .codeChallenge(verifier, CodeChallengeMethod.S256);
    if (resource != null) builder.resource(resource);
    if (prompt != null) builder.prompt(prompt);
    if (jarm) builder.responseMode(ResponseMode.JWT);
    var request = builder.build();
    if (sign) request = new AuthenticationRequest.Builder(signed(request), id).endpointURI(metadata.getAuthorizationEndpointURI()).build();
    if (push) request = pushed(request);
    var returned = walk(request.toURI());
    var response = jarm ? AuthenticationResponseParser.parse(returned, jarmValidator()) : AuthenticationResponseParser.parse(returned);
    if (!response.indicatesSuccess()) throw new AssertionError(response.toErrorResponse().getErrorObject().toJSONObject());
    Main.expect(response.getState(), state, "state");
    if (!jarm) Main.expect(response.getIssuer(), metadata.getIssuer(), "iss");
    var grant = new AuthorizationCodeGrant(response.toSuccessResponse().getAuthorizationCode(), callback, verifier);
    var tokens = OIDCTokenResponse.parse(token(grant)).getOIDCTokens();
    new IDTokenValidator(metadata.getIssuer(), id, idTokenAlg, metadata.getJWKSetURI().toURL()).validate(tokens.getIDToken(), nonce);
    return tokens;
  }

  /** Where the browser ended. */
  URI walk(URI start) throws Exception {
    var asked = browser == null ? Map.of("url", start.toString()) : Map.of("url", start.toString(), "browser", browser);
    return URI.create((String) Main.ask("authorize", asked).get("url"));
  }

  private SignedJWT signed(AuthenticationRequest request) throws Exception {
    var claims = new JWTClaimsSet.Builder(request.toJWTClaimsSet())
      .issuer(id.getValue())
      .audience(metadata.getIssuer().getValue())
      .notBeforeTime(Date.from(Instant.now()))
      .expirationTime(Date.from(Instant.now().plusSeconds(60)))
      .build();
    var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key().getKeyID()).build(), claims);
    jwt.sign(new ECDSASigner(key()));
    return jwt;
  }

  private AuthenticationRequest pushed(AuthenticationRequest request) throws Exception {
    var endpoint = metadata.getPushedAuthorizationRequestEndpointURI();
    var answer = PushedAuthorizationResponse.parse(proven(() -> new PushedAuthorizationRequest(endpoint, authentication.make(), request).toHTTPRequest()));
    if (!answer.indicatesSuccess()) throw new AssertionError(answer.toErrorResponse().getErrorObject().toJSONObject());
    return new AuthenticationRequest.Builder(answer.toSuccessResponse().getRequestURI(), id)
      .endpointURI(metadata.getAuthorizationEndpointURI())
      .build();
  }

  private JARMValidator jarmValidator() throws Exception {
    return new JARMValidator(metadata.getIssuer(), id, JWSAlgorithm.ES256, metadata.getJWKSetURI().toURL());
  }

  /** One request to the token endpoint, and the answer when it is a good one. */
  HTTPResponse token(AuthorizationGrant grant) throws Exception {
    var aliases = metadata.getMtlsEndpointAliases();
    var endpoint = sockets == null ? metadata.getTokenEndpointURI() : aliases.getTokenEndpointURI();
    var response = proven(() -> {
      var builder = authentication == null
        ? new TokenRequest.Builder(endpoint, id, grant)
        : new TokenRequest.Builder(endpoint, authentication.make(), grant);
      if (resource != null) builder.resource(resource);
      if (grant.getType().equals(GrantType.CLIENT_CREDENTIALS)) builder.scope(scope);
      return builder.build().toHTTPRequest();
    });
    if (!response.indicatesSuccess()) throw new Refused(TokenErrorResponse.parse(response).getErrorObject());
    return response;
  }

  interface Request {
    HTTPRequest make() throws Exception;
  }

  /** The SDK makes proofs and reads nonces; sending again is its application's part. */
  private HTTPResponse proven(Request request) throws Exception {
    for (int tries = 0; ; tries++) {
      var http = request.make();
      if (sockets != null) http.setSSLSocketFactory(sockets);
      if (proofs != null) http.setDPoP(proofs.createDPoPJWT("POST", http.getURI(), serverNonce));
      var response = http.send();
      if (response.getDPoPNonce() != null) serverNonce = response.getDPoPNonce();
      var wanted = !response.indicatesSuccess() && response.getBody().contains("use_dpop_nonce");
      if (!wanted || tries > 0) return response;
    }
  }

  /** Calls an API, with a proof and its nonce where the token is bound to a key. */
  net.minidev.json.JSONObject call(AccessToken token, URI api) throws Exception {
    for (int tries = 0; ; tries++) {
      var http = new HTTPRequest(HTTPRequest.Method.GET, api);
      http.setAuthorization(token.toAuthorizationHeader());
      if (sockets != null) http.setSSLSocketFactory(sockets);
      if (token instanceof DPoPAccessToken) http.setDPoP(proofs.createDPoPJWT("GET", api, token, apiNonce));
      var response = http.send();
      if (response.getDPoPNonce() != null) apiNonce = response.getDPoPNonce();
      if (response.indicatesSuccess()) return response.getBodyAsJSONObject();
      if (tries > 0 || response.getDPoPNonce() == null) throw new AssertionError(response.getStatusCode() + " " + response.getWWWAuthenticate());
    }
  }

  static final class Refused extends Exception {
    final ErrorObject error;

    Refused(ErrorObject error) {
      super(error.toJSONObject().toJSONString());
      this.error = error;
    }
  }
}
