import { rootCertificates } from "node:tls";
import { expect, it } from "vitest";
import { parseAddress } from "../../../lib/storage/postgres/address.ts";
import { tlsOf } from "../../../lib/storage/postgres/tls.ts";

it("verifies whenever TLS is on, and is off where nobody asked for it", () => {
  expect(tlsOf(parseAddress("postgres://db.example/a"))).toBe(false);
  for (const mode of ["require", "verify-ca", "verify-full"])
    expect(tlsOf(parseAddress(`postgres://db.example/a?sslmode=${mode}`))).toEqual({
      rejectUnauthorized: true,
    });
});

it("trusts a given root besides the well-known ones, not instead of them", () => {
  const address = parseAddress("postgres://db.example/a?sslmode=require");
  const roots = [...rootCertificates, "-----BEGIN CERTIFICATE-----"];
  expect(tlsOf(address, roots.at(-1))).toMatchObject({ ca: roots });
});

it("expects another name in the certificate only where the address says which", () => {
  const address = parseAddress("postgres://10.1.2.3/a?sslmode=require&sslservername=localhost");
  expect(tlsOf(address)).toMatchObject({ servername: "localhost" });
});
