// golang.org/x/oauth2 with coreos/go-oidc.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
)

// World is what the runner tells: see world.mjs.
type World struct {
	Issuer            string            `json:"issuer"`
	Person            string            `json:"person"`
	Callback          string            `json:"callback"`
	Secret            string            `json:"secret"`
	Authority         string            `json:"authority"`
	ClientCertificate string            `json:"clientCertificate"`
	ClientKey         string            `json:"clientKey"`
	API               string            `json:"api"`
	TLSAPI            string            `json:"tlsApi"`
	CIMD              string            `json:"cimd"`
	CIMDCallback      string            `json:"cimdCallback"`
	TokenExchange     string            `json:"tokenExchange"`
	Parties           map[string]string `json:"parties"`
	Features          []string          `json:"features"`
}

var (
	world World
	ctx   = context.Background()
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &world)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sayVersions("github.com/coreos/go-oidc/v3", "golang.org/x/oauth2")
	for _, feature := range features {
		if feature.attempt == nil {
			say(map[string]any{"feature": feature.name, "outcome": "unsupported", "detail": feature.why})
		} else if !slices.Contains(world.Features, feature.name) {
			continue
		} else if err := feature.attempt(); err != nil {
			say(map[string]any{"feature": feature.name, "outcome": "failed", "detail": err.Error()})
		} else {
			say(map[string]any{"feature": feature.name, "outcome": "passed"})
		}
	}
}

func say(line map[string]any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func sayVersions(modules ...string) {
	versions := map[string]string{}
	if info, known := debug.ReadBuildInfo(); known {
		for _, module := range info.Deps {
			if slices.Contains(modules, module.Path) {
				versions[module.Path] = module.Version
			}
		}
	}
	say(map[string]any{"versions": versions})
}

// ask: Ada does something, see person.mjs.
func ask(deed string, body map[string]string) (string, error) {
	text, _ := json.Marshal(body)
	response, err := http.Post(world.Person+"/"+deed, "application/json", bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct{ URL, Error string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", err
	}
	if answer.Error != "" {
		return "", errors.New(answer.Error)
	}
	return answer.URL, nil
}

func expect(seen, wanted any, what string) error {
	if seen != wanted {
		return fmt.Errorf("%s: %v, not %v", what, seen, wanted)
	}
	return nil
}
