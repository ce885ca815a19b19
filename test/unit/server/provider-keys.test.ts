import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { providerKeys } from "../../../lib/server/provider-keys.ts";
import { listeningUrl } from "../../helpers/listening.ts";

it("lets few tokens wait for a provider that says nothing, and refuses the others at once", async () => {
  let asked = 0;
  const server = createServer(() => {
    asked += 1;
  });
  const jwksUrl = await listeningUrl(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const keyOf = providerKeys({ issuer: "https://id.example.com", jwksUrl });
  let refused = 0;
  const token = { payload: "", signature: "" };
  const ask = async () => {
    try {
      await keyOf({ alg: "ES256", kid: "k" }, token);
    } catch {
      refused += 1;
    }
  };
  const asks = Array.from({ length: 300 }, ask);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(refused).toBe(268);
  expect(asked).toBe(1);
  server.closeAllConnections();
  await Promise.all(asks);
  expect(refused).toBe(300);
});
