import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that its own key has signed for one IPv4 address or host name, valid for these fifty years; both in PEM. */
export function selfSigned(host: string): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from("test")))));
  const isAddress = /^[\d.]+$/.test(host);
  const altName = isAddress
    ? der(0x87, Buffer.from(host.split(".").map(Number)))
    : der(0x82, Buffer.from(host));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_WITH_SHA256,
    name,
    der(0x30, ...["000101000000Z", "491231235959Z"].map((time) => der(0x17, Buffer.from(time)))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, der(0x30, ALT_NAME, der(0x04, der(0x30, altName))))),
  );
  const signature = der(0x03, Buffer.of(0), sign("sha256", body, privateKey));
  const base64 = der(0x30, body, ECDSA_WITH_SHA256, signature).toString("base64");
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    certificate: `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}

/** Object identifiers 2.5.4.3, 2.5.29.17 and 1.2.840.10045.4.3.2, the last one as an algorithm (RFC 5280, RFC 5758). */
const COMMON_NAME = der(0x06, Buffer.from("550403", "hex"));
const ALT_NAME = der(0x06, Buffer.from("551d11", "hex"));
const ECDSA_WITH_SHA256 = der(0x30, der(0x06, Buffer.from("2a8648ce3d040302", "hex")));

/** A tag, the length and the contents (X.690). */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.trunc(length / 256), length % 256];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
