/** What decides the policy of one response. */
export interface PolicyInput {
  /** Fresh for each request, base64; unused in light mode. */
  readonly nonce: string;
  /** Data saver: only our own script runs, known by its hash; the framework's is not even fetched. */
  readonly light: boolean;
  /** `sha256-…` of our own script. */
  readonly scriptHash: string;
  /** Origins of the payment pages a form may lead to; browsers apply form-action to redirects too. */
  readonly paymentOrigins: readonly string[];
  /** The development server evaluates code and keeps a socket open; nothing else may. */
  readonly development: boolean;
}

/** The Content-Security-Policy of one page (CSP level 3). */
export function contentSecurityPolicy(input: PolicyInput): string {
  const scripts = input.light
    ? [`'${input.scriptHash}'`]
    : [`'nonce-${input.nonce}'`, "'strict-dynamic'", `'${input.scriptHash}'`];
  if (input.development && !input.light) scripts.push("'unsafe-eval'");
  return [
    "default-src 'none'",
    `script-src ${scripts.join(" ")}`,
    // Styles stand in the page, and React gives no nonce to the ones it places itself. They cannot send
    // anything anywhere: images, fonts and connections come from here or not at all.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self'${input.development ? " ws: wss:" : ""}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${["'self'", ...input.paymentOrigins].join(" ")}`,
  ].join("; ");
}
