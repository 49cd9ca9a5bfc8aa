import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.nimbusds.openid.connect.sdk.BackChannelLogoutRequest;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Prompt;
import com.nimbusds.openid.connect.sdk.claims.LogoutTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.validators.LogoutTokenValidator;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.minidev.json.JSONObject;

/** Features of a session that goes on, and that ends. */
final class Logout {
  private static final int LONGEST_DELIVERY_SECONDS = 3;

  static void addTo(Map<String, Main.Attempt> features) {
    features.put("silent", () -> {
      var flow = Flow.withSecret("web");
      flow.browser = "nimbus silent";
      var before = flow.tokens().getIDToken().getJWTClaimsSet().getSubject();
      flow.prompt = new Prompt(Prompt.Type.NONE);
      Main.expect(flow.tokens().getIDToken().getJWTClaimsSet().getSubject(), before, "sub");
    });
    features.put("rp_logout", () -> {
      var flow = Flow.withSecret("web");
      flow.browser = "nimbus logout";
      var hint = flow.tokens().getIDToken();
      var state = new State();
      var request = new LogoutRequest(flow.metadata.getEndSessionEndpointURI(), hint, Main.address("goodbye"), state);
      var ended = flow.walk(request.toURI());
      Main.expect(ended.toString().split("\\?")[0], Main.world("goodbye"), "where she was sent");
      Main.expect(URLUtils.parseParameters(ended.getQuery()).get("state").get(0), state.getValue(), "state");
      Main.expect(Main.ask("signed-in", "browser", flow.browser).get("signedIn"), false, "signed in at the server");
    });
    features.put("backchannel_logout", Logout::backchannel);
  }

  /** The application listens, the SDK reads what comes. Of which session, the ID token has said. */
  private static void backchannel() throws Exception {
    var origin = URI.create((String) ((JSONObject) Main.world.get("parties")).get("listener"));
    var flow = Flow.withSecret("listener");
    flow.browser = "nimbus listener";
    flow.callback = origin.resolve("/callback");
    var signedIn = flow.tokens().getIDToken().getJWTClaimsSet();
    var validator = new LogoutTokenValidator(flow.metadata.getIssuer(), flow.id, JWSAlgorithm.ES256, flow.metadata.getJWKSetURI().toURL());
    var heard = new CompletableFuture<LogoutTokenClaimsSet>();
    var server = HttpServer.create(new InetSocketAddress(origin.getHost(), origin.getPort()), 0);
    server.createContext("/backchannel", exchange -> {
      try {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var request = BackChannelLogoutRequest.parse(URLUtils.parseParameters(body));
        heard.complete(validator.validate(request.getLogoutToken()));
      } catch (Exception fault) {
        heard.completeExceptionally(fault);
      }
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
    try {
      Main.ask("sign-out", "browser", flow.browser);
      var token = heard.get(LONGEST_DELIVERY_SECONDS, TimeUnit.SECONDS);
      Main.expect(token.getSessionID().getValue(), signedIn.getStringClaim("sid"), "sid");
      Main.expect(token.getSubject().getValue(), signedIn.getSubject(), "sub");
    } finally {
      server.stop(0);
    }
  }
}
