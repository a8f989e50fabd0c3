import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { carrierAdapter } from "#lib/carriers/registry.ts";
import { db } from "#lib/db/client.ts";
import { handleProviderEvent } from "#lib/services/provider-event/handle-provider-event.ts";
import { recordProviderEvent } from "#lib/services/provider-event/record-provider-event.ts";
import { findDueWork } from "#lib/services/sweep/find-due-work.ts";
import { givePlans, giveRenewer, openWorld, type World } from "#tests/support/world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await givePlans(world, [{ code: "add-10" }]);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => await world.close());

async function giveEvent(): Promise<string> {
  const { iccid } = await giveRenewer(world);
  const eventId = randomUUID();
  await recordProviderEvent({
    adapter: "esim_access",
    eventId,
    type: "DATA_USAGE",
    reference: { iccid },
  });
  const stored = await db().providerEvent.findFirstOrThrow({ where: { eventId } });
  return stored.id;
}

const stored = async (id: string) => await db().providerEvent.findUniqueOrThrow({ where: { id } });

async function makeDue(id: string): Promise<void> {
  await db().providerEvent.update({ where: { id }, data: { nextAttemptAt: new Date(0) } });
}

async function isFound(id: string): Promise<boolean> {
  return (await findDueWork()).some((due) => due.key === id);
}

test("a message is looked for once its job should have been done, and no more when it was", async () => {
  const id = await giveEvent();
  expect(await isFound(id)).toBe(false);
  await makeDue(id);
  expect(await isFound(id)).toBe(true);
  await handleProviderEvent({ providerEventId: id });
  expect(await isFound(id)).toBe(false);
  expect(await stored(id)).toMatchObject({
    result: "usage read",
    attempts: 1,
    nextAttemptAt: null,
    processedAt: expect.any(Date) as unknown,
  });
});

test("a message that always fails comes up ever more rarely and is set aside", async () => {
  const id = await giveEvent();
  const reading = vi
    .spyOn(carrierAdapter("esim_access"), "readUsage")
    .mockRejectedValue(new Error("poison"));
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const before = Date.now();
    await expect(handleProviderEvent({ providerEventId: id })).rejects.toThrow("poison");
    const { nextAttemptAt } = await stored(id);
    if (nextAttemptAt !== null)
      pauses.push(Math.round((nextAttemptAt.getTime() - before) / 30_000));
    expect(await isFound(id)).toBe(false);
    // Called again before its time, nothing is done.
    await handleProviderEvent({ providerEventId: id });
    expect(reading).toHaveBeenCalledTimes(attempt);
    if (attempt < 8) await makeDue(id);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64]);
  expect(await stored(id)).toMatchObject({
    result: "set aside",
    attempts: 8,
    nextAttemptAt: null,
    processedAt: null,
  });
  expect(await isFound(id)).toBe(false);
});

test("a message whose last attempt ended with its worker is set aside untried", async () => {
  const id = await giveEvent();
  const reading = vi.spyOn(carrierAdapter("esim_access"), "readUsage");
  await db().providerEvent.update({
    where: { id },
    data: { attempts: 8, nextAttemptAt: new Date(0) },
  });
  await handleProviderEvent({ providerEventId: id });
  expect(reading).not.toHaveBeenCalled();
  expect(await stored(id)).toMatchObject({ result: "set aside", nextAttemptAt: null });
});
