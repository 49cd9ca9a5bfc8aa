import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import net.minidev.json.JSONObject;

/** Nimbus OAuth 2.0 SDK with OpenID Connect extensions. */
public final class Main {
  interface Attempt {
    void run() throws Exception;
  }

  private static final Map<String, String> NONE = Map.of(
    "resource_metadata", "has no RFC 9728",
    "mcp", "is no MCP client",
    "frontchannel_logout", "leaves it to its application",
    "session", "has no page for it"
  );
  static JSONObject world;

  static String world(String name) {
    return (String) world.get(name);
  }

  static URI address(String name) {
    return URI.create(world(name));
  }

  public static void main(String[] arguments) throws Exception {
    world = JSONObjectUtils.parse(Files.readString(Path.of(arguments[0])));
    Properties built = new Properties();
    try (var stream = Main.class.getResourceAsStream("/META-INF/maven/com.nimbusds/oauth2-oidc-sdk/pom.properties")) {
      built.load(stream);
    }
    say(Map.of("versions", Map.of("oauth2-oidc-sdk", built.getProperty("version"))));
    for (var no : NONE.entrySet())
      say(Map.of("feature", no.getKey(), "outcome", "unsupported", "detail", no.getValue()));
    Map<String, Attempt> features = new LinkedHashMap<>();
    Code.addTo(features);
    Direct.addTo(features);
    Logout.addTo(features);
    List<?> here = (List<?>) world.get("features");
    for (var feature : features.entrySet()) if (here.contains(feature.getKey())) attempt(feature.getKey(), feature.getValue());
  }

  private static void attempt(String feature, Attempt attempt) {
    try {
      attempt.run();
      say(Map.of("feature", feature, "outcome", "passed"));
    } catch (Exception | AssertionError fault) {
      fault.printStackTrace();
      say(Map.of("feature", feature, "outcome", "failed", "detail", fault.toString()));
    }
  }

  private static void say(Map<String, ?> line) {
    System.out.println(new JSONObject(line).toJSONString());
  }

  /** Ada does something: see person.mjs. */
  static JSONObject ask(String deed, String name, String value) throws Exception {
    return ask(deed, Map.of(name, value));
  }

  static JSONObject ask(String deed, Map<String, String> asked) throws Exception {
    var body = HttpRequest.BodyPublishers.ofString(new JSONObject(asked).toJSONString());
    var request = HttpRequest.newBuilder(URI.create(world("person") + "/" + deed)).POST(body).build();
    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    JSONObject answer = JSONObjectUtils.parse(response.body());
    if (response.statusCode() != 200) throw new AssertionError(answer.get("error"));
    return answer;
  }

  static void expect(Object seen, Object wanted, String what) {
    if (!wanted.equals(seen)) throw new AssertionError(what + ": " + seen + ", not " + wanted);
  }
}
