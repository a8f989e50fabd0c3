import type { HeldRequest } from "#lib/sandbox/held.ts";
import { lockRow } from "./row-lock.ts";
import type { StandInAdmin } from "./stand-ins.ts";

/** A place at which a test stops whoever comes by, for as long as it likes. */
export interface Hold {
  /** For how long somebody has been waiting there, in ms; null: nobody is. */
  heldForMs(): Promise<number | null>;
  /** For how long whoever waits there has patience, less a second; a kill must come before. */
  readonly patienceMs: number;
  /** Lets whoever waits there go on, and nobody else be stopped there any more. */
  letGo(): Promise<void>;
}

/** Which request is stopped; `key` is text in its path or its body that only this request has. */
export interface RequestPattern {
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/** Stops the next request of this kind at a stand-in, before or after the stand-in acts on it. */
export async function holdRequest(
  admin: StandInAdmin,
  stage: "before" | "after",
  { method, path, key }: RequestPattern,
): Promise<Hold> {
  const from = Date.now();
  const inPath = path.includes(key);
  const fault = await admin.setFault({
    kind: stage === "before" ? "hold_before" : "hold_after",
    match: { method, path, ...(inPath ? {} : { bodyIncludes: key }) },
  });
  let parked: HeldRequest | undefined;
  const find = async (): Promise<HeldRequest | undefined> =>
    (await admin.held()).find(
      (request) =>
        request.stage === stage &&
        request.method === method &&
        Date.parse(request.at) >= from &&
        (request.path.includes(key) || JSON.stringify(request.params).includes(key)),
    );
  return {
    // Mail servers are waited for 8 seconds, everybody else 10.
    patienceMs: method === "SMTP" ? 7_000 : 9_000,
    async heldForMs() {
      parked ??= await find();
      return parked ? Date.now() - Date.parse(parked.at) : null;
    },
    async letGo() {
      await admin.removeFault(fault.id);
      parked ??= await find();
      if (parked) await admin.release(parked.id);
    },
  };
}

/** Stops whoever wants to change a row, in the middle of its transaction. */
export async function holdRow(...row: Parameters<typeof lockRow>): Promise<Hold> {
  const lock = await lockRow(...row);
  let since: number | null = null;
  return {
    // Statements and transactions may take 15 seconds.
    patienceMs: 14_000,
    async heldForMs() {
      if (!(await lock.isWanted())) since = null;
      else since ??= Date.now();
      return since === null ? null : Date.now() - since;
    },
    letGo: () => lock.release(),
  };
}

/**
 * Stops at `first`; once somebody is there, sets up the next hold and lets them go on to that one. For a
 * place that must not be blocked before they have passed another.
 */
export function holdThen(first: Hold, next: () => Promise<Hold>): Hold {
  let second: Promise<Hold> | undefined;
  return {
    patienceMs: first.patienceMs,
    async heldForMs() {
      if (!second) {
        if ((await first.heldForMs()) === null) return null;
        second = next().then(async (hold) => {
          await first.letGo();
          return hold;
        });
      }
      return await (await second).heldForMs();
    },
    async letGo() {
      await first.letGo();
      await (await second)?.letGo();
    },
  };
}
