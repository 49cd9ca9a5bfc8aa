import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.auth.PKITLSClientAuthentication;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Features in which a person signs in. */
final class Code {
  private static Flow web() throws Exception {
    return Flow.withSecret("web");
  }

  static void addTo(Map<String, Main.Attempt> features) {
    features.put("discovery", () -> Main.expect(web().metadata.getIssuer().getValue(), Main.world("issuer"), "issuer"));
    features.put("code", () -> web().tokens());
    features.put("userinfo", () -> {
      var flow = web();
      var request = new UserInfoRequest(flow.metadata.getUserInfoEndpointURI(), flow.tokens().getAccessToken());
      var response = UserInfoResponse.parse(request.toHTTPRequest().send());
      Main.expect(response.toSuccessResponse().getUserInfo().getName(), "Ada Lovelace", "name");
    });
    features.put("refresh", () -> {
      var flow = web();
      TokenResponse.parse(flow.token(new RefreshTokenGrant(flow.tokens().getRefreshToken()))).toSuccessResponse();
    });
    features.put("api", () -> {
      var flow = web().forApi("api");
      Main.expect(flow.call(flow.tokens().getAccessToken(), flow.resource).get("client"), "web", "client");
    });
    features.put("private_key_jwt", () -> Flow.signing("signer").tokens());
    features.put("par", () -> {
      var flow = web();
      flow.push = true;
      flow.tokens();
    });
    features.put("jar", () -> {
      var flow = Flow.signing("signed-request");
      flow.sign = true;
      flow.tokens();
    });
    features.put("jarm", () -> {
      var flow = web();
      flow.jarm = true;
      flow.tokens();
    });
    features.put("dpop", () -> {
      var flow = Flow.withSecret("bound").forApi("boundApi").proving();
      flow.push = true;
      var tokens = flow.tokens();
      Main.expect(tokens.getAccessToken() instanceof DPoPAccessToken, true, "a DPoP token");
      flow.call(tokens.getAccessToken(), flow.resource);
      var again = AccessTokenResponse.parse(flow.token(new RefreshTokenGrant(tokens.getRefreshToken())));
      flow.call(again.getTokens().getAccessToken(), flow.resource);
    });
    features.put("mtls", () -> {
      var sockets = sockets();
      var flow = new Flow("tls", () -> new PKITLSClientAuthentication(new ClientID("tls"), sockets)).forApi("tlsApi");
      flow.sockets = sockets;
      flow.call(flow.tokens().getAccessToken(), flow.resource);
    });
    features.put("message_signing", () -> {
      var flow = Flow.signing("bank").forApi("boundApi").proving();
      flow.push = flow.sign = flow.jarm = true;
      flow.call(flow.tokens().getAccessToken(), flow.resource);
    });
    features.put("cimd", () -> {
      var flow = new Flow(Main.world("cimd"), null);
      flow.callback = Main.address("cimdCallback");
      flow.scope = new Scope("openid");
      flow.idTokenAlg = JWSAlgorithm.RS256;
      flow.tokens();
    });
  }

  private static SSLSocketFactory sockets() throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    var pem = Files.readString(Path.of(Main.world("clientKey"))).replaceAll("-----[A-Z ]+-----|\\s", "");
    var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    store.setKeyEntry("client", key, new char[0], new Certificate[] {certificate("clientCertificate")});
    store.setCertificateEntry("authority", certificate("authority"));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private static Certificate certificate(String name) throws Exception {
    var bytes = Files.readAllBytes(Path.of(Main.world(name)));
    return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes));
  }
}
