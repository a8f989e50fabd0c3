import type { Browser, BrowserContext, Page } from "playwright";

/** 128 kbit/s, 400 ms, a processor four times slower: abroad, throttled, on an old phone. */
const CONDITIONS = {
  offline: false,
  latency: 400,
  downloadThroughput: 128_000 / 8,
  uploadThroughput: 128_000 / 8,
} as const;
const PROCESSOR_SLOWDOWN = 4;

/** A page over a slow connection, in a browser that has seen nothing before. */
export interface SlowPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Bytes received so far, headers included, as they went over the wire. */
  received(): number;
  close(): Promise<void>;
}

export async function openSlowPage(
  browser: Browser,
  baseURL: string,
  cookies: Readonly<Record<string, string>> = {},
): Promise<SlowPage> {
  const context = await browser.newContext({ baseURL, viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(120_000);
  await context.addCookies(
    Object.entries(cookies).map(([name, value]) => ({ name, value, url: baseURL })),
  );
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  const bytes = new Map<string, number>();
  const add = (request: string, more: number): void =>
    void bytes.set(request, (bytes.get(request) ?? 0) + more);
  protocol.on("Network.responseReceived", ({ requestId, response }) => {
    add(requestId, response.encodedDataLength);
  });
  protocol.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    add(requestId, encodedDataLength);
  });
  // The whole, where it came to an end; what was given up half-way counts as far as it came.
  protocol.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes.set(requestId, encodedDataLength);
  });
  await protocol.send("Network.enable");
  await protocol.send("Network.emulateNetworkConditions", CONDITIONS);
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: PROCESSOR_SLOWDOWN });
  return {
    page,
    context,
    received: () => [...bytes.values()].reduce((sum, size) => sum + size, 0),
    close: async () => await context.close(),
  };
}

/** Seconds until `act` has led to `selector` being there to be pressed. */
export async function secondsUntilUsable(
  page: Page,
  selector: string,
  act: () => Promise<unknown>,
): Promise<number> {
  const begun = performance.now();
  await act();
  // A trial click waits until the element is visible, still, enabled and not covered.
  await page.locator(selector).first().click({ trial: true });
  return (performance.now() - begun) / 1_000;
}
