import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What a demo or a test run needs to keep to itself; made once per data folder. */
export type Secrets = {
  ownerPassword: string;
  appPassword: string;
  authSecret: string;
  serverActionsKey: string;
  metricsToken: string;
  stripeSecretKey: string;
  stripeWebhookSecret: string;
  paypalClientId: string;
  paypalClientSecret: string;
  paypalWebhookId: string;
  esimAccessCode: string;
  esimAccessSecret: string;
};

/** Reads the secrets of `dataDir`, making those that are not there yet. */
export function readSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, "secrets.json");
  const known = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Partial<Secrets>)
    : {};
  const random = () => randomBytes(32).toString("base64url");
  const secrets: Secrets = {
    ownerPassword: random(),
    appPassword: random(),
    authSecret: random(),
    // Next decodes this one as an AES key: 32 bytes in plain base64.
    serverActionsKey: randomBytes(32).toString("base64"),
    metricsToken: random(),
    stripeSecretKey: `sk_test_${randomBytes(24).toString("hex")}`,
    stripeWebhookSecret: `whsec_${randomBytes(24).toString("hex")}`,
    paypalClientId: random(),
    paypalClientSecret: random(),
    paypalWebhookId: randomBytes(9).toString("hex").toUpperCase(),
    esimAccessCode: randomBytes(16).toString("hex"),
    esimAccessSecret: randomBytes(16).toString("hex"),
    ...known,
  };
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return secrets;
}
