using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "guard", worker = (
    modules = [
      (name = "worker.mjs", esModule = embed "worker.mjs"),
      (name = "web.js", esModule = embed "../.cache/web.js"),
      (name = "issuer.json", json = embed "../.cache/issuer.json"),
    ],
    compatibilityDate = "2026-11-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "guard")],
);
