import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { connectOwner } from "../postgres/owner.ts";
import { copyIn, copyOut } from "./copy-stream.ts";

/** Tables that hold nearly all of a store, by the records that they are made of. */
const TABLES = {
  ...{ event: "events", revision: "revisions", change: "changes", passage: "chunks", vector: "vectors" },
} as const;

type Name = keyof typeof TABLES;
const NAMES: readonly Name[] = ["event", "revision", "change", "passage", "vector"];

/** Rows of the product's tables in files, as COPY writes them. */
export interface CopiedRows {
  readonly rows: Readonly<Record<Name, number>>;
  /**
   * How many ms a bare COPY of each of the files takes, into new tables with the same columns, and if wanted with the
   * product's own indexes and checks.
   */
  readonly copy: (indexed: boolean) => Promise<Readonly<Record<Name, number>>>;
  readonly remove: () => Promise<void>;
}

/** Writes the rows of a store that was filled into files. */
export async function copyRows(url: string, folder: string): Promise<CopiedRows> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const owner = await connectOwner(url);
  const fileOf = (name: Name) => join(folder, `${name}.copy`);
  const counts: Partial<Record<Name, number>> = {};
  for (const name of NAMES) {
    const { rows } = await owner.query(`SELECT count(*)::int AS n FROM ${TABLES[name]}`);
    counts[name] = Number(rows[0]?.n);
    await copyOut(owner, `COPY (SELECT * FROM ${TABLES[name]}) TO STDOUT`, fileOf(name));
  }
  return {
    // SAFETY: the loop over all names filled it.
    rows: counts as Record<Name, number>,
    copy: async (indexed) => {
      const took: Partial<Record<Name, number>> = {};
      for (const name of NAMES) took[name] = await timeOfCopy(owner, { name, file: fileOf(name), indexed });
      // SAFETY: the loop over all names filled it.
      return took as Record<Name, number>;
    },
    remove: async () => {
      await owner.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Copying {
  readonly name: Name;
  readonly file: string;
  readonly indexed: boolean;
}

async function timeOfCopy(owner: pg.Client, { name, file, indexed }: Copying): Promise<number> {
  const like = `LIKE ${TABLES[name]}${indexed ? " INCLUDING INDEXES INCLUDING CONSTRAINTS" : ""}`;
  await owner.query(`CREATE TABLE bench_copy (${like})`);
  try {
    const began = performance.now();
    await copyIn(owner, "COPY bench_copy FROM STDIN", file);
    return performance.now() - began;
  } finally {
    await owner.query("DROP TABLE bench_copy");
  }
}
