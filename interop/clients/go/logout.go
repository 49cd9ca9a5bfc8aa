package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const longestDelivery = 3 * time.Second

func claims(token *oauth2.Token, config *oauth2.Config) (*oidc.IDToken, error) {
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	return provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
}

func silent() error {
	config := web()
	var subjects []string
	for _, options := range [][]oauth2.AuthCodeOption{nil, {oauth2.SetAuthURLParam("prompt", "none")}} {
		token, err := tokens(ctx, "go", config, options...)
		if err != nil {
			return err
		}
		idToken, err := claims(token, config)
		if err != nil {
			return err
		}
		subjects = append(subjects, idToken.Subject)
	}
	return expect(subjects[1], subjects[0], "sub")
}

// backchannelLogout: the application listens, go-oidc reads what comes. Of which session, the ID token has said.
func backchannelLogout() error {
	origin := world.Parties["listener"]
	config := config("listener", world.Secret, origin+"/callback", oidc.ScopeOpenID)
	token, err := tokens(ctx, "go listener", config)
	if err != nil {
		return err
	}
	idToken, err := claims(token, config)
	if err != nil {
		return err
	}
	var session struct{ Sid string }
	if err := idToken.Claims(&session); err != nil {
		return err
	}
	heard := make(chan error, 1)
	stop, err := listen(origin, func(got *oidc.LogoutToken, err error) {
		if err == nil {
			err = errors.Join(expect(got.SessionID, session.Sid, "sid"), expect(got.Subject, idToken.Subject, "sub"))
		}
		heard <- err
	})
	if err != nil {
		return err
	}
	defer stop()
	if _, err := ask("sign-out", map[string]string{"browser": "go listener"}); err != nil {
		return err
	}
	select {
	case err := <-heard:
		return err
	case <-time.After(longestDelivery):
		return errors.New("no logout token came")
	}
}

func listen(origin string, heard func(*oidc.LogoutToken, error)) (func(), error) {
	provider, err := oidc.NewProvider(ctx, world.Issuer)
	if err != nil {
		return nil, err
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: "listener"})
	at, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", at.Host)
	if err != nil {
		return nil, err
	}
	handler := http.NewServeMux()
	handler.HandleFunc("POST /backchannel", func(_ http.ResponseWriter, request *http.Request) {
		heard(verifier.VerifyLogout(context.Background(), request.PostFormValue("logout_token")))
	})
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
