import { checkServerIdentity, type PeerCertificate, rootCertificates } from "node:tls";
import type { Address } from "./address.ts";

/**
 * How the driver speaks TLS to an address; certificates are verified whenever it is on.
 * @param ca root certificates (PEM) to trust besides the well-known ones: given alone, Node would trust them only
 */
export function tlsOf({ tls, serverName }: Pick<Address, "tls" | "serverName">, ca?: string): false | object {
  if (tls === "off") return false;
  return {
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(serverName !== undefined && {
      servername: serverName,
      // The driver puts the host's name into `servername`, whatever it is told, so the names are compared here.
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        checkServerIdentity(serverName, certificate),
    }),
  };
}
