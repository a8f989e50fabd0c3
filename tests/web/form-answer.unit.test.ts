import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { BILLING_LENGTHS } from "#lib/domain/billing.ts";
import { PlaceOrderInput } from "#lib/services/order/schemas.ts";
import { SignInInput } from "#lib/services/account/schemas.ts";
import { decodeAnswer, encodeAnswer, type FormAnswer } from "#lib/web/form-answer.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { fieldProblems, readFields } from "#lib/web/run-action.ts";

vi.mock("#lib/config/env.ts", () => ({
  env: () => ({ AUTH_SECRET: "a secret of thirty-two characters" }),
}));

const answer: FormAnswer = {
  form: "sign-in",
  code: "credentials_wrong",
  arguments: {},
  fields: {},
  values: { email: "lin@axis.example" },
};

describe("what was typed", () => {
  test("comes back with the refusal", () => {
    expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
  });

  test("in any language comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (email) => {
        const text = email.toWellFormed();
        const sent = { ...answer, values: { email: text } };
        expect(decodeAnswer(encodeAnswer(sent))?.values["email"]).toBe(text);
      }),
    );
  });

  test("is left out when a cookie could not hold it, and the reason and all that fits stay", () => {
    const tooMuch = randomBytes(5_000).toString("base64url");
    const long = encodeAnswer({ ...answer, values: { email: tooMuch, city: "London" } });
    expect(long.length).toBeLessThan(4_000);
    expect(decodeAnswer(long)).toEqual({ ...answer, values: { city: "London" } });
  });

  test("comes back whole from a checkout whose every field is full, whatever is written there", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0x4e00, max: 0x9fff })), (characters) => {
        const take = (length: number): string => String.fromCharCode(...characters.take(length));
        const { deliveryEmail, deliveryPhone, ...written } = BILLING_LENGTHS;
        const values = {
          ...Object.fromEntries(
            Object.entries(written).map(([field, length]) => [field, take(length)]),
          ),
          billingKind: "company",
          deliveryEmail: randomBytes(deliveryEmail).toString("hex").slice(0, deliveryEmail),
          deliveryPhone: "+8613800138000".padEnd(deliveryPhone, "0"),
          method: "bank_transfer",
          useBalance: "on",
          saveMethod: "on",
          startsOn: "2026-11-25",
          acceptLoss: "on",
          repeat: "on",
        };
        const fields = Object.fromEntries(
          Object.keys(written).map((field) => [field, "too_long" as const]),
        );
        const full: FormAnswer = { ...answer, code: "input_invalid", fields, values };
        const text = encodeAnswer(full);
        expect(text.length).toBeLessThan(4_000);
        expect(decodeAnswer(text)).toEqual(full);
      }),
      { numRuns: 20 },
    );
  });
});

test("an answer that somebody else wrote is none", () => {
  const [body = "", signature = ""] = encodeAnswer(answer).split(".");
  const other = deflateRawSync(JSON.stringify({ ...answer, code: "payment_rejected" }));
  expect(decodeAnswer(`${other.toString("base64url")}.${signature}`)).toBeNull();
  expect(decodeAnswer(body)).toBeNull();
});

test.each(["", ".", "x", "e30.e30", "%%%"])("a cookie that holds %j is no answer", (text) => {
  expect(decodeAnswer(text)).toBeNull();
});

describe("a refused form", () => {
  test("shows each problem with its field", () => {
    const { problems } = presentAnswer(
      {
        ...answer,
        code: "input_invalid",
        fields: { email: "invalid", password: "required" },
      },
      "en",
      {},
    );
    expect(problems).toEqual([
      { field: "email", text: "Email: this cannot be right. Please check it." },
      { field: "password", text: "Password: please fill this in." },
    ]);
  });

  test("binds a refusal to the field it is about", () => {
    const { problems } = presentAnswer(answer, "zh-CN", { credentials_wrong: "email" });
    expect(problems).toEqual([{ field: "email", text: "邮箱或密码不正确，请检查后重试。" }]);
  });

  test("says a defect's reference and nothing else about it", () => {
    const { problems } = presentAnswer(
      { ...answer, code: "defect", arguments: { reference: "a1b2c3" } },
      "en",
      {},
    );
    expect(problems[0]?.text).toMatch(/a1b2c3$/);
  });

  test("shows nothing when there was nothing", () => {
    expect(presentAnswer(null, "en", {})).toEqual({ problems: [], values: {} });
  });
});

describe("the fields of a form", () => {
  test("are its texts; what the framework adds, and files, are left out", () => {
    const data = new FormData();
    data.set("$ACTION_ID_1", "");
    data.set("email", "a@b.example");
    data.set("file", new File(["x"], "x.txt"));
    expect(readFields(data)).toEqual({ email: "a@b.example" });
  });

  test("that are missing or empty are asked for, in our own words", () => {
    const nothing = SignInInput.safeParse({});
    const empty = SignInInput.safeParse({ email: "", password: "" });
    const wrong = SignInInput.safeParse({ email: "nobody", password: "x".repeat(200) });
    const problems = (result: z.ZodSafeParseResult<unknown>) =>
      result.success ? {} : fieldProblems(result.error);
    expect(problems(nothing)).toEqual({ email: "required", password: "required" });
    expect(problems(empty)).toEqual({ email: "required", password: "required" });
    expect(problems(wrong)).toEqual({ email: "invalid", password: "too_long" });
  });

  test("that nobody may set are not passed on", () => {
    const parsed = PlaceOrderInput.parse({
      attemptId: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
      quote: "t",
      iccid: "8986012345678901234",
      planCode: "p",
      startChoice: "now",
      method: "balance",
      acceptLoss: "on",
      totalMinor: "1",
      accountId: "somebody",
    });
    expect(parsed).not.toHaveProperty("totalMinor");
    expect(parsed).not.toHaveProperty("accountId");
    expect(parsed).toMatchObject({ acceptLoss: true, repeat: false });
  });
});
