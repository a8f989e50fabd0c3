import { Writable } from "node:stream";
import pino from "pino";
import { expect, it } from "vitest";
import { logOptions } from "#lib/observability/log.ts";

/** What one call writes. */
function written(write: (log: pino.Logger) => void): { line: string; read: unknown } {
  let line = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      line += chunk.toString();
      done();
    },
  });
  write(pino(logOptions("info"), stream));
  return { line, read: JSON.parse(line) as unknown };
}

/** As Prisma's PostgreSQL adapter throws: the whole row is in the driver's "detail". */
function databaseError(): Error {
  const detail =
    "Failing row contains (1, 8986, smdp.example, K2-SECRET-MATCHING-ID, somebody@x.example).";
  const error = new Error(
    `\nInvalid \`esim.update()\` invocation: new row violates a check, detail: ${detail}\n\n${detail}`,
    { cause: { detail } },
  );
  error.name = "PrismaClientKnownRequestError";
  return Object.assign(error, {
    code: "P2010",
    meta: { driverAdapterError: { name: "DriverAdapterError", cause: { detail } } },
  });
}

it("an error of the database is logged without the row it is about", () => {
  const { line, read } = written((log) =>
    log.error({ err: databaseError(), orderId: "o" }, "failed"),
  );
  expect(line).not.toContain("SECRET-MATCHING-ID");
  expect(line).not.toContain("somebody@x.example");
  expect(read).toMatchObject({
    orderId: "o",
    msg: "failed",
    err: {
      type: "PrismaClientKnownRequestError",
      code: "P2010",
      message: "Invalid `esim.update()` invocation: new row violates a check",
      stack: expect.stringMatching(/^\s+at /) as unknown,
    },
  });
  expect(Object.keys((read as { err: object }).err).toSorted()).toEqual([
    "code",
    "message",
    "stack",
    "type",
  ]);
});

it("an error without a message of its own is logged the same way, and so is what is no Error", () => {
  expect(written((log) => log.error({ err: databaseError() })).line).not.toContain("SECRET");
  expect(written((log) => log.error(databaseError())).line).not.toContain("SECRET");
  const { line, read } = written((log) => log.error({ err: { detail: "SECRET" } }, "failed"));
  expect(line).not.toContain("SECRET");
  expect(read).toMatchObject({ err: { type: "object" } });
});
