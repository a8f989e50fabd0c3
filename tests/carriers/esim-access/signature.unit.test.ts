import { expect, it } from "vitest";
import { signature } from "#lib/carriers/esim-access/signature.ts";

const request = {
  timestamp: "1628670421",
  requestId: "4ce9d9cdac9e4e17b3a2c66c358c1ce2",
  accessCode: "11111",
  body: '{"imsi":"326543826"}',
};

it("signs as the carrier's documentation shows", () => {
  expect(signature(request, "1111")).toBe(
    "7eb765e27df5373dea2dbc8c41a7d9557743e46c8054750f3d851b3fd01d0835",
  );
});

it("gives another signature when any part differs", () => {
  const right = signature(request, "1111");
  const others = [
    signature(request, "1112"),
    signature({ ...request, timestamp: "1628670422" }, "1111"),
    signature({ ...request, requestId: "4ce9d9cdac9e4e17b3a2c66c358c1ce3" }, "1111"),
    signature({ ...request, accessCode: "11112" }, "1111"),
    signature({ ...request, body: '{"imsi": "326543826"}' }, "1111"),
  ];
  expect(new Set([right, ...others]).size).toBe(6);
});
