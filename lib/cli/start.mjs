/**
 * `npm start`: the production web server, on PORT (3000) or `--port`. It is Next's own, with three
 * things added: it refuses to start on a bad or missing setting and names each one; it writes the
 * address of whoever connected at the end of X-Forwarded-For, so that nobody can make up their own;
 * and on SIGTERM it finishes the requests it has before it ends. JavaScript, so that an old Node can
 * say that it is too old.
 */
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(`The portal needs Node 24; this is ${process.version}. Run it with \`npm start\`.`);
  process.exit(1);
}

const { values } = parseArgs({ options: { port: { type: "string" } } });
const port = Number(values.port ?? (process.env["PORT"] || 3000));

const { parseEnv, SettingsError } = await import("#lib/config/env.ts");
try {
  parseEnv(process.env);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exit(1);
}

/** How long requests may take to finish after SIGTERM. */
const drainMs = 25_000;

const { default: next } = await import("next");
const app = next({ dev: false, dir: new URL("../..", import.meta.url).pathname, port });
const handle = app.getRequestHandler();
await app.prepare();

const server = createServer((request, response) => {
  const hops = [request.headers["x-forwarded-for"], request.socket.remoteAddress].flat();
  request.headers["x-forwarded-for"] = hops.filter(Boolean).join(", ");
  if (isEnding) response.setHeader("Connection", "close");
  void handle(request, response);
});

let isEnding = false;
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), drainMs).unref();
    server.close(() => {
      void app.close().then(() => process.exit(0));
    });
    server.closeIdleConnections();
  });
}

server.on("error", (error) => {
  console.error(
    "code" in error && error.code === "EADDRINUSE" ? `Port ${port} is taken.` : error.message,
  );
  process.exit(1);
});
server.listen(port, () => console.log(`Listening on port ${port}`));
