import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Tells strangers apart: whoever sends a request, as far as proxies that are trusted say so. */
export type ClientAddress = (request: IncomingMessage) => string;

/** A listed address with the port that some proxies add. */
const LISTED = /^\[?([0-9a-f.:]+?)\]?(?::\d{1,5})?$/i;

/** @param trusted addresses and networks (10.0.0.0/8) of proxies whose X-Forwarded-For counts */
export function openClientAddress(trusted: readonly string[]): ClientAddress {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = "", bits] = network.split("/", 2);
    if (bits === undefined) proxies.addAddress(address, familyOf(address));
    else proxies.addSubnet(address, Number(bits), familyOf(address));
  }
  return (request) => {
    let client = plain(request.socket.remoteAddress ?? "");
    const listed = String(request.headers["x-forwarded-for"] ?? "").split(",");
    // Each proxy adds whom it saw at the end: what stands before a stranger is the stranger's own tale.
    while (isIP(client) !== 0 && proxies.check(client, familyOf(client))) {
      const before = addressIn(listed.pop() ?? "");
      if (before === undefined) break;
      client = before;
    }
    return placeOf(client);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/** An IPv4 address in the clothes of IPv6, as itself; without the name of a network card. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

function addressIn(item: string): string | undefined {
  const text = item.trim();
  const address = plain(isIP(text) === 0 ? (LISTED.exec(text)?.[1] ?? "") : text);
  return isIP(address) === 0 ? undefined : address;
}

/** One customer's line has a network of 64 bits of IPv6: any of its addresses is the same stranger. */
function placeOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("::", 2);
  const [first, last] = [head, tail].map((part) => part.split(":").filter((group) => group !== ""));
  const groups = first ?? [];
  const missing = Array(Math.max(0, 8 - groups.length - (last ?? []).length)).fill("0");
  const all = [...groups, ...missing, ...(last ?? [])];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
