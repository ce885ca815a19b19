import { isPortableKey } from "../domain/document-exchange.ts";
import { KnowledgeError } from "../domain/error.ts";
import { readProjectIdentity } from "../knowledge/project-identity.ts";
import type { SentReport } from "../knowledge/send-documents.ts";
import type { RemoteSettings } from "../remote-settings.ts";
import type { Call } from "./command.ts";
import type { IndexOptions } from "./index-run.ts";
import { withInterrupt } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { loadSettings } from "./store.ts";

export interface SendOptions extends IndexOptions {
  /** Names this working copy. */
  readonly copy?: string;
}

/** What came of it; `interrupted` when Ctrl-C ended it early: what was sent is kept. */
export interface SendResult {
  readonly report: SentReport;
  readonly interrupted: boolean;
}

/** Sends a folder's documents to the shared instance. @param given a checked folder; the project's without */
export async function runSending(call: Call, given: string | undefined): Promise<SendResult> {
  const options = call.command.opts<SendOptions>();
  if (options.embed === false) throw notHere();
  const config = await loadSettings(call);
  const remote = await remoteOf(call);
  const folder = given ?? config.cwd;
  const identity = readProjectIdentity(folder, config.userHome);
  if (identity === undefined) throw noProject();
  const { root, keys, name } = identity;
  const { markOfCopy } = await import("./machine-mark.ts");
  const { openRemoteInstance } = await import("./remote-instance.ts");
  const { sendDocuments } = await import("../knowledge/send-documents.ts");
  const named = config.project === undefined ? {} : { named: config.project };
  const project = { ...named, keys: keys.filter(isPortableKey), name: name.slice(0, 500) };
  const copy = options.copy === undefined ? await markOfCopy(config.home, root) : nameOf(options.copy);
  const { door, output } = call;
  return withInterrupt(call, async (signal) => {
    const onWait = (sentence: string): void => output.note(sentence);
    const instance = openRemoteInstance({ remote, signal, onWait });
    const sending = await startProgress(door, output, { label: "Sending", signal });
    const { plans, sessions, patterns, redact } = options;
    const report = await sendDocuments(
      { clock: door.now, instance },
      {
        ...{ root, folder: given ?? root, plans, sessions, patterns, redact, signal, to: { project, copy } },
        onProgress: (done, total) => sending.update(done, total),
      },
    ).finally(() => sending.stop());
    return { report, interrupted: signal.aborted };
  });
}

async function remoteOf({ door }: Call): Promise<RemoteSettings> {
  const { remoteSettings } = await import("../remote-settings.ts");
  const remote = remoteSettings((name) => door.env[name]);
  if (remote !== undefined) return remote;
  throw new KnowledgeError("invalid_input", "--remote is given, but AIKNOWSYS_REMOTE_URL is not set.", {
    field: "remote",
    hint: "Set it to the shared instance's address, such as https://knowledge.example.com, and AIKNOWSYS_TOKEN to a token that may write.",
  });
}

function nameOf(copy: string): string {
  const name = copy.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return name;
  throw new KnowledgeError("invalid_input", `--copy is "${copy.slice(0, 80)}", which is no name.`, {
    field: "copy",
    hint: "Use up to 64 letters, digits, dots, hyphens and underscores, such as --copy ci.",
  });
}

function notHere(): KnowledgeError {
  return new KnowledgeError(
    "invalid_input",
    "--no-embed does not go with --remote: the instance makes vectors.",
    {
      field: "embed",
      hint: "Leave --no-embed out; no vectors are made on this machine.",
    },
  );
}

function noProject(): KnowledgeError {
  return new KnowledgeError(
    "invalid_input",
    "This folder is no project: it is the home folder or the root of the disk.",
    { field: "dir", hint: "Go to a project's folder, or name it: aiknowsys index <dir> --remote." },
  );
}
