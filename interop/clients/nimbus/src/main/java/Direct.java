import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.ciba.*;
import com.nimbusds.oauth2.sdk.device.*;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.oauth2.sdk.client.ClientRegistrationResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.rp.*;
import java.util.Map;

/** Features between the client and the server alone, and those whose person is elsewhere. */
final class Direct {
  static void addTo(Map<String, Main.Attempt> features) {
    features.put("client_credentials", () -> {
      var flow = Flow.withSecret("machine");
      flow.scope = new Scope("accounts:read");
      flow.resource = Main.address("api");
      var tokens = AccessTokenResponse.parse(flow.token(new ClientCredentialsGrant())).getTokens();
      Main.expect(flow.call(tokens.getAccessToken(), flow.resource).get("client"), "machine", "client");
    });
    features.put("device", () -> {
      var flow = new Flow("tv", null);
      var request = new DeviceAuthorizationRequest.Builder(flow.id)
        .scope(new Scope("openid", "profile"))
        .endpointURI(flow.metadata.getDeviceAuthorizationEndpointURI())
        .build();
      var asked = DeviceAuthorizationSuccessResponse.parse(request.toHTTPRequest().send());
      Main.ask("device", "user_code", asked.getUserCode().getValue());
      polled(flow, new DeviceCodeGrant(asked.getDeviceCode()), asked.getInterval());
    });
    features.put("ciba", () -> {
      var flow = Flow.withSecret("till");
      var message = "Till " + new State().getValue().replaceAll("[^A-Za-z0-9]", "").substring(0, 6);
      var request = new CIBARequest.Builder(Flow.secret("till"), new Scope("openid"))
        .loginHint(Main.world("username"))
        .bindingMessage(message)
        .endpointURI(flow.metadata.getBackChannelAuthenticationEndpointURI())
        .build();
      var asked = CIBARequestAcknowledgement.parse(request.toHTTPRequest().send());
      Main.ask("approve", "binding_message", message);
      polled(flow, new CIBAGrant(asked.getAuthRequestID()), asked.getMinWaitInterval());
    });
    features.put("exchange", () -> {
      var subject = Flow.withSecret("web").forApi("api").tokens().getAccessToken();
      var flow = Flow.withSecret("exchanger");
      flow.resource = Main.address("api");
      var answer = AccessTokenResponse.parse(flow.token(new TokenExchangeGrant(subject, TokenTypeURI.ACCESS_TOKEN)));
      Main.expect(answer.getTokens().getAccessToken().getIssuedTokenType(), TokenTypeURI.ACCESS_TOKEN, "issued_token_type");
    });
    features.put("introspection", () -> {
      var flow = Flow.withSecret("web").forApi("api");
      var endpoint = flow.metadata.getIntrospectionEndpointURI();
      var request = new TokenIntrospectionRequest(endpoint, Flow.secret("accounts-api"), flow.tokens().getAccessToken());
      var answer = TokenIntrospectionResponse.parse(request.toHTTPRequest().send()).toSuccessResponse();
      Main.expect(answer.isActive(), true, "active");
    });
    features.put("revocation", () -> {
      var flow = Flow.withSecret("web");
      var token = flow.tokens().getRefreshToken();
      var request = new TokenRevocationRequest(flow.metadata.getRevocationEndpointURI(), Flow.secret("web"), token);
      Main.expect(request.toHTTPRequest().send().getStatusCode(), 200, "status");
      try {
        flow.token(new RefreshTokenGrant(token));
        throw new AssertionError("a revoked token was taken");
      } catch (Flow.Refused refused) {
        Main.expect(refused.error, OAuth2Error.INVALID_GRANT, "the revoked token");
      }
    });
    features.put("registration", () -> {
      var metadata = new OIDCClientMetadata();
      metadata.setName("Interop");
      metadata.setRedirectionURI(Main.address("callback"));
      var endpoint = Flow.withSecret("web").metadata.getRegistrationEndpointURI();
      var response = OIDCClientRegistrationResponseParser.parse(new OIDCClientRegistrationRequest(endpoint, metadata, null).toHTTPRequest().send());
      if (!response.indicatesSuccess()) throw new AssertionError(response.toErrorResponse().getErrorObject().toJSONObject());
      var made = ((OIDCClientInformationResponse) response).getOIDCClientInformation();
      var flow = new Flow(made.getID().getValue(), () -> new ClientSecretBasic(new ClientID(made.getID().getValue()), made.getSecret()));
      flow.idTokenAlg = made.getOIDCMetadata().getIDTokenJWSAlg();
      flow.tokens();
    });
  }

  private static void polled(Flow flow, AuthorizationGrant grant, long interval) throws Exception {
    for (int tries = 0; ; tries++) {
      try {
        var tokens = OIDCTokenResponse.parse(flow.token(grant)).getOIDCTokens();
        Main.expect(tokens.getIDToken() != null, true, "an ID token");
        return;
      } catch (Flow.Refused refused) {
        if (tries > 3 || !"authorization_pending".equals(refused.error.getCode())) throw refused;
        Thread.sleep(interval * 1000);
      }
    }
  }
}
