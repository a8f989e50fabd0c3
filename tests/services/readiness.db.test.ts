import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { db } from "#lib/db/client.ts";
import { log } from "#lib/observability/log.ts";
import { checkReadiness } from "#lib/services/health/check-readiness.ts";
import { openWorld, type World } from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => await world.close());

// First: the folder is remembered once it was read.
test("a missing folder of migrations is not taken for a dead database", async () => {
  vi.spyOn(process, "cwd").mockReturnValue(tmpdir());
  const logged = vi.spyOn(log(), "error");
  expect(await checkReadiness()).toMatchObject({
    ready: false,
    database: "ok",
    migrations: "unknown",
  });
  expect(logged).toHaveBeenCalledOnce();
});

test("an instance with every migration is ready", async () => {
  expect(await checkReadiness()).toMatchObject({ ready: true, database: "ok", migrations: "ok" });
});

test("a database that does not answer is called so, and why is logged", async () => {
  vi.spyOn(db(), "$queryRaw").mockRejectedValue(new Error("connection refused"));
  const logged = vi.spyOn(log(), "error");
  expect(await checkReadiness()).toMatchObject({ ready: false, database: "unreachable" });
  expect(logged).toHaveBeenCalledWith(
    { err: expect.objectContaining({ message: "connection refused" }) as unknown },
    expect.any(String),
  );
});
