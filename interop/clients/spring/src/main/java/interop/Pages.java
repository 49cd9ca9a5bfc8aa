package interop;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the browser sees. */
@RestController
class Pages {
  private final OAuth2AuthorizedClientRepository tokens;
  private final OAuth2AuthorizedClientManager manager;

  Pages(OAuth2AuthorizedClientRepository tokens, OAuth2AuthorizedClientManager manager) {
    this.tokens = tokens;
    this.manager = manager;
  }

  @GetMapping("/private")
  String home() {
    return "signed in";
  }

  @GetMapping("/goodbye")
  String goodbye() {
    return "goodbye";
  }

  @GetMapping("/session")
  ResponseEntity<?> session(HttpServletRequest request) {
    if (!(SecurityContextHolder.getContext().getAuthentication() instanceof OAuth2AuthenticationToken person))
      return ResponseEntity.status(401).build();
    var user = (OidcUser) person.getPrincipal();
    var client = tokens.loadAuthorizedClient("holdfast", person, request);
    var name = user.getUserInfo() == null ? "" : user.getUserInfo().getFullName();
    return ResponseEntity.ok(Map.of("sub", user.getSubject(), "name", name, "token", client.getAccessToken().getTokenValue()));
  }

  @GetMapping("/refresh")
  String refresh(OAuth2AuthenticationToken person, HttpServletRequest request, HttpServletResponse response) {
    var asked = OAuth2AuthorizeRequest.withClientRegistrationId("holdfast")
      .principal(person)
      .attribute(HttpServletRequest.class.getName(), request)
      .attribute(HttpServletResponse.class.getName(), response)
      .build();
    return manager.authorize(asked) == null ? "no" : "yes";
  }
}
