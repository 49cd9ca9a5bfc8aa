package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type feature struct {
	name    string
	attempt func() error
	why     string
}

var features = []feature{
	{"discovery", discovery, ""},
	{"code", func() error { _, err := tokens(ctx, "", web()); return err }, ""},
	{"userinfo", userinfo, ""},
	{"refresh", refresh, ""},
	{"api", api, ""},
	{"private_key_jwt", nil, "oauth2 authenticates by secret only; its jwt package is the grant of RFC 7523 §2.1, with RS256"},
	{"par", nil, "has no pushed request"},
	{"jar", nil, "has no request objects"},
	{"jarm", nil, "leaves the answer to its application, and has no JARM"},
	{"dpop", nil, "has no DPoP"},
	{"mtls", mtls, ""},
	{"message_signing", nil, "has neither PAR nor JAR nor JARM nor DPoP"},
	{"client_credentials", clientCredentials, ""},
	{"device", device, ""},
	{"ciba", nil, "has no backchannel authentication"},
	{"exchange", nil, "has no request for this grant: google/externalaccount exchanges inside it, for Google"},
	{"introspection", nil, "has no introspection"},
	{"revocation", nil, "has no revocation"},
	{"registration", nil, "has no registration"},
	{"resource_metadata", nil, "has no RFC 9728"},
	{"cimd", cimd, ""},
	{"mcp", nil, "is no MCP client"},
	{"silent", silent, ""},
	{"rp_logout", nil, "has no request for it"},
	{"backchannel_logout", backchannelLogout, ""},
	{"frontchannel_logout", nil, "leaves it to its application"},
	{"session", nil, "has no page for it"},
}

func config(clientID, secret, callback string, scopes ...string) *oauth2.Config {
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return &oauth2.Config{ClientID: clientID}
	}
	return &oauth2.Config{ClientID: clientID, ClientSecret: secret, RedirectURL: callback, Endpoint: provider.Endpoint(), Scopes: scopes}
}

func web(more ...string) *oauth2.Config {
	return config("web", world.Secret, world.Callback, append([]string{oidc.ScopeOpenID, "profile"}, more...)...)
}

// tokens is the code flow in a new browser or the one of this name, with the ID token verified by go-oidc.
func tokens(ctx context.Context, browser string, config *oauth2.Config, options ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	start := config.AuthCodeURL(state, append(options, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))...)
	asked := map[string]string{"url": start}
	if browser != "" {
		asked["browser"] = browser
	}
	end, err := ask("authorize", asked)
	if err != nil {
		return nil, err
	}
	returned, err := url.Parse(end)
	if err != nil {
		return nil, err
	}
	if err := expect(returned.Query().Get("state"), state, "state in "+end); err != nil {
		return nil, err
	}
	token, err := config.Exchange(ctx, returned.Query().Get("code"), append(options, oauth2.VerifierOption(verifier))...)
	if err != nil {
		return nil, err
	}
	provider, err := oidc.NewProvider(context.Background(), world.Issuer)
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(context.Background(), raw)
	if err != nil {
		return nil, err
	}
	if err := expect(idToken.Nonce, nonce, "nonce"); err != nil {
		return nil, err
	}
	return token, idToken.VerifyAccessToken(token.AccessToken)
}

func discovery() error {
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return err
	}
	return expect(provider.Endpoint().DeviceAuthURL != "", true, "device_authorization_endpoint")
}

func userinfo() error {
	config := web()
	token, err := tokens(ctx, "", config)
	if err != nil {
		return err
	}
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return err
	}
	info, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
	if err != nil {
		return err
	}
	var claims struct{ Name string }
	if err := info.Claims(&claims); err != nil {
		return err
	}
	return expect(claims.Name, "Ada Lovelace", "name")
}

func refresh() error {
	config := web()
	token, err := tokens(ctx, "", config)
	if err != nil {
		return err
	}
	again, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return err
	}
	return expect(again.AccessToken != token.AccessToken && again.AccessToken != "", true, "another token")
}

func api() error {
	config := web("accounts:read")
	token, err := tokens(ctx, "", config, oauth2.SetAuthURLParam("resource", world.API))
	if err != nil {
		return err
	}
	return called(config.Client(ctx, token), world.API, "web")
}

func called(client *http.Client, address, clientID string) error {
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the API: %s %s", response.Status, text)
	}
	var answer struct{ Client string }
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	return expect(answer.Client, clientID, "client")
}

// mtls: the certificate belongs to the HTTP client that oauth2 is given; without a secret it sends client_id alone.
func mtls() error {
	pair, err := tls.LoadX509KeyPair(world.ClientCertificate, world.ClientKey)
	if err != nil {
		return err
	}
	authority, err := os.ReadFile(world.Authority)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}}
	with := context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: transport})
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return err
	}
	var metadata struct {
		Aliases struct {
			Token string `json:"token_endpoint"`
		} `json:"mtls_endpoint_aliases"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return err
	}
	config := config("tls", "", world.Callback, oidc.ScopeOpenID, "accounts:read")
	config.Endpoint.TokenURL = metadata.Aliases.Token
	config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	token, err := tokens(with, "", config, oauth2.SetAuthURLParam("resource", world.TLSAPI))
	if err != nil {
		return err
	}
	return called(config.Client(with, token), world.TLSAPI, "tls")
}

func clientCredentials() error {
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return err
	}
	config := clientcredentials.Config{
		ClientID:       "machine",
		ClientSecret:   world.Secret,
		TokenURL:       provider.Endpoint().TokenURL,
		Scopes:         []string{"accounts:read"},
		EndpointParams: url.Values{"resource": {world.API}},
	}
	return called(config.Client(ctx), world.API, "machine")
}

func device() error {
	config := config("tv", "", "", oidc.ScopeOpenID, "profile")
	asked, err := config.DeviceAuth(ctx)
	if err != nil {
		return err
	}
	if _, err := ask("device", map[string]string{"user_code": asked.UserCode}); err != nil {
		return err
	}
	token, err := config.DeviceAccessToken(ctx, asked)
	if err != nil {
		return err
	}
	return expect(token.Extra("id_token") != nil, true, "an ID token")
}

func cimd() error {
	config := config(world.CIMD, "", world.CIMDCallback, oidc.ScopeOpenID)
	_, err := tokens(ctx, "", config)
	return err
}
