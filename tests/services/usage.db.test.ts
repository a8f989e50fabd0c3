import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { EsimUsage } from "#lib/carriers/port.ts";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { db } from "#lib/db/client.ts";
import { syncUsage } from "#lib/services/esim/sync-usage.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

let world: World;
const MB = 1024n ** 2n;
const GB = 1024n ** 3n;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => await world.close());

const stored = async (esimId: string) =>
  await db().esim.findUniqueOrThrow({ where: { id: esimId } });

test.each([
  ["from the future", { asOf: new Date(Date.now() + 6 * 60_000) }],
  ["of more than there is", { usedBytes: 10n * GB + 1n }],
  ["of less than nothing", { usedBytes: -1n }],
])("figures %s leave the old ones as they were", async (_what, nonsense) => {
  const { esimId, esimTranNo } = await giveRenewer(world);
  const before = await stored(esimId);
  const figures: EsimUsage = {
    totalBytes: 10n * GB,
    usedBytes: 10n * GB - 500n * MB,
    asOf: new Date(),
    networkState: "active",
    expiresAt: null,
  };
  const reading = vi.spyOn(carrierAdapter("esim_access"), "readUsage");
  reading.mockResolvedValueOnce(new Map([[esimTranNo, { ...figures, ...nonsense }]]));
  await syncUsage({ esimId });
  const after = await stored(esimId);
  expect({ ...after, nextUsageAt: null }).toEqual({ ...before, nextUsageAt: null });
  const bucket = await db().bucket.findFirstOrThrow({ where: { esimId } });
  expect(bucket.remainingBytes).toBe(800n * MB);

  reading.mockResolvedValueOnce(new Map([[esimTranNo, figures]]));
  await syncUsage({ esimId });
  const drawn = await db().bucket.findFirstOrThrow({ where: { esimId } });
  expect(drawn.remainingBytes).toBe(500n * MB);
});

test("an eSIM whose reading fails is not asked about again at once", async () => {
  const { esimId } = await giveRenewer(world);
  await db().esim.update({ where: { id: esimId }, data: { nextUsageAt: new Date(0) } });
  vi.spyOn(carrierAdapter("esim_access"), "readUsage").mockRejectedValueOnce(new Error("defect"));
  await expect(syncUsage({ esimId })).rejects.toThrow("defect");
  expect((await stored(esimId)).nextUsageAt?.getTime()).toBeGreaterThan(Date.now() + 20 * 60_000);
});

test("an eSIM whose service is over is not asked about any more", async () => {
  const { esimId } = await giveRenewer(world, { period: false });
  await db().esim.update({ where: { id: esimId }, data: { nextUsageAt: new Date(0) } });
  await syncUsage({ esimId });
  expect((await stored(esimId)).nextUsageAt).toBeNull();
});
