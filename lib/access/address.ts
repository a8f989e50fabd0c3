import { BlockList, isIP } from "node:net";
import { env } from "#lib/config/env.ts";

/**
 * The client's network address for limits: the last address in X-Forwarded-For that is not one of
 * TRUSTED_PROXIES. The server's entry point (lib/cli/start.mjs) appends the address of whoever
 * connected, so what a client writes into the header itself is never the last one.
 */
export function clientAddress(headers: Headers): string {
  const hops = (headers.get("x-forwarded-for") ?? "")
    .split(",")
    .map((hop) => hop.trim().replace(/^::ffff:/, ""))
    .filter((hop) => isIP(hop) !== 0);
  const trusted = trustedProxies();
  const client = hops.findLast((hop) => !trusted.check(hop, isIP(hop) === 6 ? "ipv6" : "ipv4"));
  return client ?? hops[0] ?? "unknown";
}

let proxies: BlockList | undefined;

function trustedProxies(): BlockList {
  if (proxies === undefined) {
    proxies = new BlockList();
    for (const entry of env().TRUSTED_PROXIES) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) proxies.addAddress(address, family);
      else proxies.addSubnet(address, Number(prefix), family);
    }
  }
  return proxies;
}
