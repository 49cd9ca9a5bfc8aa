"""What a client in Python needs to take part: the world, a person, and a line for each feature."""

import json
import sys
import traceback
from importlib.metadata import version
from types import SimpleNamespace

import requests

with open(sys.argv[1], encoding="utf-8") as file:
    world = SimpleNamespace(**json.load(file))


def say(**line):
    print(json.dumps(line), flush=True)


def say_versions(*names):
    say(versions={name: version(name) for name in names})


def run(features):
    """Runs what is there, one after the other; a feature that this server lacks is not tried."""
    for feature, attempt in features.items():
        if isinstance(attempt, str):
            say(feature=feature, outcome="unsupported", detail=attempt)
        if isinstance(attempt, str) or feature not in world.features:
            continue
        try:
            attempt()
            say(feature=feature, outcome="passed")
        except Exception as error:  # whatever a library throws is what it found
            traceback.print_exc()
            say(feature=feature, outcome="failed", detail=f"{type(error).__name__}: {error}")


def ask(deed, **body):
    """Ada does something: see person.mjs."""
    response = requests.post(f"{world.person}/{deed}", json=body, timeout=60)
    if not response.ok:
        raise RuntimeError(response.json()["error"])
    return response.json()


def authorize(url, browser=None):
    """Where her browser ended: a new one, or the one of this name."""
    named = {} if browser is None else {"browser": browser}
    return ask("authorize", url=str(url), **named)["url"]


def expect(seen, wanted, what):
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r}, not {wanted!r}")


def metadata():
    return requests.get(f"{world.issuer}/.well-known/openid-configuration", timeout=10).json()
