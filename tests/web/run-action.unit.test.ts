import { beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { accept, refuse, type Result } from "#lib/domain/refusal.ts";
import { decodeAnswer, type FormAnswer } from "#lib/web/form-answer.ts";
import { runAction, type ActionPlan } from "#lib/web/run-action.ts";

const state = vi.hoisted(() => ({
  headers: new Map<string, string>(),
  cookies: new Map<string, string>(),
  logged: [] as unknown[],
}));
const visitor: Actor = { kind: "visitor", locale: "en", address: "192.0.2.1" };

vi.mock("next/headers", () => ({
  headers: async () => new Headers([...state.headers]),
  cookies: async () => ({
    get: (name: string) => {
      const value = state.cookies.get(name);
      return value === undefined ? undefined : { name, value };
    },
    set: (name: string, value: string) => state.cookies.set(name, value),
  }),
}));
vi.mock("#lib/access/session.ts", () => ({ currentActor: async () => visitor }));
vi.mock("#lib/observability/log.ts", () => ({
  log: () => ({ error: (...line: unknown[]) => state.logged.push(line) }),
}));
vi.mock("#lib/config/env.ts", () => ({
  env: () => ({
    APP_URL: "https://portal.example",
    AUTH_SECRET: "a secret of thirty-two characters",
    DEFAULT_LOCALE: "en",
  }),
}));

const Input = z.object({ email: z.string().min(1), times: z.coerce.number().default(1) });
type Input = z.infer<typeof Input>;

beforeEach(() => {
  state.headers = new Map([
    ["origin", "https://portal.example"],
    ["host", "portal.example"],
    ["x-locale", "en"],
  ]);
  state.cookies.clear();
  state.logged = [];
});

/** Posts a form with `fields` and tells where the browser goes, and what it takes along. */
async function post(
  fields: Record<string, string>,
  verb: (actor: Actor, input: Input) => Promise<Result<string>>,
  more: Partial<ActionPlan<Input, string>> = {},
): Promise<{ readonly to: string; readonly answer: FormAnswer | null }> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const redirected: unknown = await runAction({
    form: "test",
    data,
    back: "/form",
    schema: Input,
    verb,
    keep: ["email"],
    next: (value) => `/done/${value}`,
    ...more,
  }).catch((error: unknown) => error);
  const digest = (redirected as { readonly digest?: string }).digest ?? "";
  const kept = state.cookies.get("__Host-answer");
  return {
    to: digest.split(";")[2] ?? "",
    answer: kept === undefined ? null : decodeAnswer(kept),
  };
}

test("a form that is accepted goes on, with nothing left behind", async () => {
  const seen: unknown[] = [];
  const { to, answer } = await post({ email: "a@b.example", times: "2" }, async (actor, input) => {
    seen.push(actor, input);
    return accept("7");
  });
  expect(to).toBe("/done/7");
  expect(answer).toBeNull();
  expect(seen).toEqual([visitor, { email: "a@b.example", times: 2 }]);
});

describe("a form that is refused goes back", () => {
  test("with the reason and what was typed, but never the password", async () => {
    const { to, answer } = await post({ email: "a@b.example", password: "secret" }, async () =>
      refuse({ code: "credentials_wrong" }),
    );
    expect(to).toBe("/form");
    expect(answer).toMatchObject({
      form: "test",
      code: "credentials_wrong",
      values: { email: "a@b.example" },
    });
    expect(JSON.stringify(answer)).not.toContain("secret");
  });

  test("with each field that is wrong, before the verb is asked", async () => {
    const verb = vi.fn<(actor: Actor, input: Input) => Promise<Result<string>>>();
    const { to, answer } = await post({ email: "" }, verb);
    expect(to).toBe("/form");
    expect(answer?.fields).toEqual({ email: "required" });
    expect(verb).not.toHaveBeenCalled();
  });

  test("by way of signing in, when the session has ended meanwhile", async () => {
    const { to, answer } = await post({ email: "a@b.example" }, async () =>
      refuse({ code: "not_signed_in" }),
    );
    expect(to).toBe("/sign-in?next=%2Fform");
    expect(answer).toMatchObject({ form: "sign-in", code: "not_signed_in", values: {} });
  });
});

describe("a form from elsewhere reaches no verb", () => {
  test.each(["https://evil.example", "null", undefined])("with the origin %s", async (origin) => {
    if (origin === undefined) state.headers.delete("origin");
    else state.headers.set("origin", origin);
    const verb = vi.fn<(actor: Actor, input: Input) => Promise<Result<string>>>();
    const { to, answer } = await post({ email: "a@b.example" }, verb);
    expect(to).toBe("/form");
    expect(answer?.code).toBe("origin_not_allowed");
    expect(verb).not.toHaveBeenCalled();
  });
});

test("a defect becomes a reference that the log knows too, and says nothing of itself", async () => {
  const { to, answer } = await post({ email: "a@b.example" }, async () => {
    throw new Error("the table has no such column");
  });
  expect(to).toBe("/form");
  expect(answer?.code).toBe("defect");
  expect(JSON.stringify(answer)).not.toContain("column");
  expect(JSON.stringify(state.logged)).toContain(String(answer?.arguments["reference"]));
});
