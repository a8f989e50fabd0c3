import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const portsSchema = z.object({
  stripe: z.number().int().default(0),
  paypal: z.number().int().default(0),
  bank: z.number().int().default(0),
  esimAccess: z.number().int().default(0),
  mailbox: z.number().int().default(0),
  smtp: z.number().int().default(0),
});

/** The ports in use; 0 means any free one. */
export type Ports = z.infer<typeof portsSchema>;

/** The ports of the last start, so that links handed out then still work; zeros the first time. */
export function readPorts(dataFolder: string): Ports {
  try {
    return portsSchema.parse(JSON.parse(readFileSync(join(dataFolder, "ports.json"), "utf8")));
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) console.error("ports.json could not be read; choosing new ports", error);
    return portsSchema.parse({});
  }
}

/** Keeps the ports for the next start. */
export function keepPorts(dataFolder: string, ports: Ports): void {
  writeFileSync(join(dataFolder, "ports.json"), `${JSON.stringify(ports)}\n`);
}
