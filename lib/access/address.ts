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

/**
 * The network an address belongs to, as limits and comparisons know it: an IPv4 address alone, the first 64
 * bits of an IPv6 address (one connection has at least a /64 of them, RFC 6177), an IPv4 address written
 * as an IPv6 one as what it is. Whatever is no address stays itself.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const bare = address.replace(/%.*$/, "");
  const hostname = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [head = "", tail] = hostname.split("::");
  const groupsOf = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [first, last] = [groupsOf(head), groupsOf(tail ?? "")];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  const groups = [...first, ...zeros, ...last];
  if (groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff") {
    const bytes = groups.slice(6).map((group) => Number.parseInt(group, 16));
    return bytes.flatMap((group) => [group >> 8, group & 255]).join(".");
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
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
