"""An API that knows nothing of tokens: who came stands in headers that nobody but the guard before it can set.

    python3 api.py 8000
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        # As WSGI and CGI read names, which is why the guard drops every spelling that a client sends.
        environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in self.headers.items()}
        answer = json.dumps(
            {
                "method": self.command,
                "path": self.path,
                "body": body,
                "subject": environ.get("HTTP_X_HOLDFAST_SUBJECT"),
                "scope": environ.get("HTTP_X_HOLDFAST_SCOPE"),
                "acr": environ.get("HTTP_X_HOLDFAST_ACR"),
                "token_seen": "HTTP_AUTHORIZATION" in environ or "HTTP_DPOP" in environ,
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Api)
    print(f"listening {server.server_port}", flush=True)
    server.serve_forever()
