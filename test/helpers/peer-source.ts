import { join } from "node:path";
import { makeCommandLine } from "./command-line.ts";

/** A command line, and a place beside its project where another tool keeps its data. */
export function openedPeer(peer: string, path: string) {
  const cli = makeCommandLine();
  const place = join(cli.folderOf("there"), path);
  const json = async (args: readonly string[]) => {
    const { status, out } = await cli.type([...args, "--json"]);
    return { status, ...JSON.parse(out) };
  };
  const take = (...more: readonly string[]) => json(["import-from", peer, place, ...more]);
  const put = (name: string, text: string) => cli.put(join("there", name), text);
  return { ...cli, place, json, take, put, folder: cli.folderOf("there") };
}

/** Records as JSON Lines. */
export const lines = (...records: readonly unknown[]) =>
  `${records.map((record) => JSON.stringify(record)).join("\n")}\n`;
