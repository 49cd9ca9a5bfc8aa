package interop;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Spring Boot with oauth2Login; `INTEROP_*` in the environment says where and as whom. */
@SpringBootApplication
public class Application {
  public static void main(String[] arguments) {
    var registration = "spring.security.oauth2.client.registration.holdfast.";
    var application = new SpringApplication(Application.class);
    application.setDefaultProperties(Map.of(
      "server.address", "127.0.0.1",
      "server.port", System.getenv("INTEROP_PORT"),
      registration + "client-id", "spring",
      registration + "client-secret", System.getenv("INTEROP_SECRET"),
      registration + "scope", "openid,profile,offline_access",
      "spring.security.oauth2.client.provider.holdfast.issuer-uri", System.getenv("INTEROP_ISSUER")
    ));
    application.run(arguments);
  }

  @Bean
  SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
    var goodbye = new OidcClientInitiatedLogoutSuccessHandler(clients);
    goodbye.setPostLogoutRedirectUri("{baseUrl}/goodbye");
    return http
      .authorizeHttpRequests(paths -> paths.requestMatchers("/session", "/goodbye").permitAll().anyRequest().authenticated())
      .oauth2Login(login -> login
        .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(promptOf(clients)))
        .defaultSuccessUrl("/private", true))
      .logout(logout -> logout
        .logoutRequestMatcher(PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.GET, "/logout"))
        .logoutSuccessHandler(goodbye))
      .oidcLogout(logout -> logout.backChannel(Customizer.withDefaults()))
      .build();
  }

  /** `prompt` goes on to the server where the browser brings it. */
  private static DefaultOAuth2AuthorizationRequestResolver promptOf(ClientRegistrationRepository clients) {
    var resolver = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
    resolver.setAuthorizationRequestCustomizer(request -> {
      var prompt = ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest().getParameter("prompt");
      if (prompt != null) request.additionalParameters(parameters -> parameters.put("prompt", prompt));
    });
    return resolver;
  }

  /** It refreshes what is about to end, and with this skew everything is. */
  @Bean
  DefaultOAuth2AuthorizedClientManager manager(ClientRegistrationRepository clients, OAuth2AuthorizedClientRepository tokens) {
    var manager = new DefaultOAuth2AuthorizedClientManager(clients, tokens);
    manager.setAuthorizedClientProvider(
      OAuth2AuthorizedClientProviderBuilder.builder().refreshToken(refresh -> refresh.clockSkew(Duration.ofDays(1))).build());
    return manager;
  }
}
