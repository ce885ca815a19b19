import { describe, expect, it } from "vitest";
import { parseClients, serverCommand } from "../../../lib/cli/connect-clients.ts";

describe("how a client starts the server", () => {
  it("is npx where the program is installed, by cmd on Windows", () => {
    const program = "/usr/lib/node_modules/aiknowsys/dist/lib/cli/main.js";
    expect(serverCommand(program, "linux")).toEqual({ command: "npx", args: ["-y", "aiknowsys", "mcp"] });
    expect(serverCommand("C:\\node_modules\\aiknowsys\\main.js", "win32")).toEqual({
      command: "cmd",
      args: ["/c", "npx", "-y", "aiknowsys", "mcp"],
    });
  });

  it("is the program's own path where it runs from a clone", () => {
    const program = "/home/me/aiknowsys/dist/lib/cli/main.js";
    expect(serverCommand(program, "linux")).toEqual({ command: "node", args: [program, "mcp"] });
  });
});

describe("the clients that are named", () => {
  it("are a list in any case, each once", () => {
    expect(parseClients("Cursor, claude_code,cursor,")).toEqual(["cursor", "claude-code"]);
  });

  it("must be known", () => {
    expect(() => parseClients("emacs")).toThrow('client is "emacs", which is not a valid value.');
  });
});
