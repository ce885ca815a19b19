import { createInterface } from "node:readline";
import type { Logger } from "../lib/knowledge/deps.ts";
import { readProjectIdentity } from "../lib/knowledge/project-identity.ts";
import type { RemoteSettings } from "../lib/remote-settings.ts";
import { openBridge } from "./bridge.ts";
import { PARSE_ERROR } from "./not-json.ts";

/** What is still being answered when the client closes its end may take this long. */
const CLOSING_MS = 700;

export interface BridgeRequest {
  readonly remote: RemoteSettings;
  readonly toolset: string;
  /** The project that was named, if any. */
  readonly project: string | undefined;
  readonly cwd: string;
  readonly userHome: string;
  readonly log: Logger;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  /** Resolves when the process is to end. */
  readonly ended: Promise<void>;
}

/** Serves the client at stdin and stdout from the shared instance, until it goes. */
export async function bridgeStdio(request: BridgeRequest): Promise<void> {
  const { remote, toolset, log, stdin, stdout, ended } = request;
  const project = request.project ?? projectOfFolder(request);
  const write = (message: string): void => void stdout.write(`${message}\n`);
  const bridge = openBridge({ remote, toolset, project, log, write });
  const passing = new Set<Promise<void>>();
  createInterface({ input: stdin }).on("line", (line) => {
    for (const message of messagesIn(line) ?? [undefined]) {
      if (message === undefined) stdout.write(PARSE_ERROR);
      else {
        const passed = bridge.pass(message).finally(() => passing.delete(passed));
        passing.add(passed);
      }
    }
  });
  await ended;
  const late = new Promise((resolve) => {
    setTimeout(resolve, CLOSING_MS).unref();
  });
  await Promise.race([Promise.all(passing), late]);
  bridge.close();
  await Promise.all(passing);
}

/** An alias that means the same project on every machine; paths do not. */
function projectOfFolder({ cwd, userHome }: BridgeRequest): string | undefined {
  return readProjectIdentity(cwd, userHome)?.keys.find((key) => /^(id|git):/.test(key));
}

/** The message of a line, or those of a batch; `undefined` for what is no JSON. */
function messagesIn(line: string): readonly unknown[] | undefined {
  if (line.trim() === "") return [];
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value : [value];
  } catch {
    return undefined;
  }
}
