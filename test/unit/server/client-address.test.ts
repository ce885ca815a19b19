import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { openClientAddress } from "../../../lib/server/client-address.ts";

const PROXIES = ["127.0.0.0/8", "::1", "10.0.0.0/8", "fd00::/8"];

/** Who sent a request that came from `peer` with the header X-Forwarded-For. */
function clientOf(peer: string | undefined, forwarded?: string, trusted = PROXIES): string {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  // SAFETY: nothing else of a request is looked at.
  return openClientAddress(trusted)({
    socket: { remoteAddress: peer },
    headers,
  } as unknown as IncomingMessage);
}

describe("the address of a client", () => {
  it.each([
    ["nothing is forwarded", "203.0.113.9", undefined, "203.0.113.9"],
    ["a stranger says who he is", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["a proxy says who it is", "10.1.2.3", "198.51.100.1", "198.51.100.1"],
    ["the stranger has told a proxy a tale", "10.1.2.3", "192.0.2.1, 198.51.100.1", "198.51.100.1"],
    ["there are two proxies", "127.0.0.1", "192.0.2.1,198.51.100.1, 10.0.0.7", "198.51.100.1"],
    ["a proxy names a port, too", "10.1.2.3", "198.51.100.1:4711", "198.51.100.1"],
    ["a proxy names an address of IPv6", "::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["and its port", "::1", "[2001:db8:1:2::9]:4711", "2001:db8:1:2"],
    ["the same network is written otherwise", "2001:0DB8:0001:0002::9", undefined, "2001:db8:1:2"],
    ["zeros are left out", "2001:db8::9", undefined, "2001:db8:0:0"],
    ["IPv4 comes in the clothes of IPv6", "::ffff:10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"],
    ["a network card is named", "fe80::1%eth0", undefined, "fe80:0:0:0"],
    ["a proxy says nothing of use", "10.1.2.3", "unknown", "10.1.2.3"],
    ["all are proxies", "10.1.2.3", "10.0.0.7", "10.0.0.7"],
    ["the connection is gone", undefined, undefined, ""],
  ])("is found where %s", (_where, peer, forwarded, client) => {
    expect(clientOf(peer, forwarded)).toBe(client);
  });

  it("is the connection's where no proxy is trusted", () => {
    expect(clientOf("127.0.0.1", "198.51.100.1", [])).toBe("127.0.0.1");
  });
});
