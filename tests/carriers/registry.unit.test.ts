import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  const settings = {
    DATABASE_URL: "postgresql://localhost/axis",
    APP_URL: "https://axis.example",
    AUTH_SECRET: "a".repeat(32),
    SMTP_URL: "smtp://localhost",
    MAIL_FROM: "no-reply@axis.example",
    PAYMENT_METHODS: "balance",
    ESIM_ACCESS_CODE: "code",
    ESIM_ACCESS_SECRET: "secret",
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it("the carrier adapter is the same each time, so that the whole process keeps to one rate", async () => {
  const { carrierAdapter } = await import("#lib/carriers/registry.ts");
  expect(carrierAdapter("esim_access").id).toBe("esim_access");
  expect(carrierAdapter("esim_access")).toBe(carrierAdapter("esim_access"));
});

it("the carrier adapter is not there without its settings", async () => {
  vi.stubEnv("ESIM_ACCESS_SECRET", undefined);
  const { carrierAdapter } = await import("#lib/carriers/registry.ts");
  expect(() => carrierAdapter("esim_access")).toThrow("ESIM_ACCESS_SECRET");
});
