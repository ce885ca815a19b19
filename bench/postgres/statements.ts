import pg from "pg";
import type { Connections, Lent, Parameter } from "../../lib/storage/postgres/driver.ts";
import { percentiles, timed } from "../measure.ts";

/** A statement as it went to the server. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Parameter[];
}

/** Keeps what is sent between start and stop, one list a transaction. */
export interface StatementLog {
  start(): void;
  stop(): readonly (readonly Statement[])[];
}

/** The same connections; what they send is kept while the log runs. */
export function listening(connections: Connections): {
  readonly connections: Connections;
  readonly log: StatementLog;
} {
  let kept: Statement[][] | undefined;
  const lend = async (): Promise<Lent> => {
    const lent = await connections.lend();
    const mine: Statement[] = [];
    kept?.push(mine);
    const noted = <Answer>(sql: string, values: readonly Parameter[], send: () => Answer): Answer => {
      mine.push({ sql, values });
      return send();
    };
    return {
      script: (sql) => noted(sql, [], () => lent.script(sql)),
      answers: (sql) => noted(sql, [], () => lent.answers(sql)),
      query: (sql, values) => noted(sql, values, () => lent.query(sql, values)),
      release: (broken) => lent.release(broken),
    };
  };
  return {
    connections: { ...connections, lend },
    log: {
      start: () => {
        kept = [];
      },
      stop: () => {
        const all = kept ?? [];
        kept = undefined;
        return all;
      },
    },
  };
}

/** What the statements of one use cost by themselves, with and without row-level security, and how they are run. */
export interface IsolationCost {
  readonly note: string;
  readonly plans: string;
}

const REPEATS = 15;

/** Sends the statements again, one transaction after the other: as the unprivileged role, then as the login. */
export async function costOfIsolation(
  url: string,
  transactions: readonly (readonly Statement[])[],
): Promise<IsolationCost> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const under = await replayMs(client, transactions);
    const { rows } = await client.query<{ past: boolean }>(
      "SELECT rolsuper OR rolbypassrls AS past FROM pg_roles WHERE rolname = session_user",
    );
    const without =
      rows[0]?.past === true
        ? await replayMs(
            client,
            transactions.map((one) => one.map(asLogin)),
          )
        : undefined;
    const compared = without === undefined ? "" : `, without RLS ${without.toFixed(1)}`;
    return {
      note: `statements alone ${under.toFixed(1)} ms${compared}`,
      plans: await plansOf(client, transactions),
    };
  } finally {
    await client.end();
  }
}

async function replayMs(client: pg.Client, transactions: readonly (readonly Statement[])[]): Promise<number> {
  const run = () => replay(client, transactions);
  await run();
  return percentiles(await timed(REPEATS, run)).p50Ms;
}

async function replay(client: pg.Client, transactions: readonly (readonly Statement[])[]): Promise<void> {
  for (const { sql, values } of transactions.flat())
    await (values.length === 0 ? client.query(sql) : client.query(sql, [...values]));
}

function asLogin({ sql, values }: Statement): Statement {
  return { sql: sql.replace(/SET LOCAL ROLE \w+;/, ""), values };
}

/** Plans of whatever takes a tenth of the whole and more, those inside of functions too; empty where the login may not ask. */
async function plansOf(client: pg.Client, transactions: readonly (readonly Statement[])[]): Promise<string> {
  const plans: { readonly ms: number; readonly text: string }[] = [];
  const hear = ({ message = "" }: { readonly message?: string | undefined }) => {
    const [, ms, text = ""] = /^duration: ([\d.]+) ms {2}plan:\n([\s\S]*)$/.exec(message) ?? [];
    if (ms !== undefined) plans.push({ ms: Number(ms), text });
  };
  try {
    await client.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
      SET auto_explain.log_nested_statements = on; SET auto_explain.log_buffers = on; SET client_min_messages = log`);
  } catch {
    return "";
  }
  client.on("notice", hear);
  await replay(client, transactions);
  client.off("notice", hear);
  const longest = Math.max(0, ...plans.map(({ ms }) => ms));
  return plans
    .filter(({ ms }) => ms >= longest / 10)
    .map(({ ms, text }) => `${ms.toFixed(2)} ms\n${shortened(text)}`)
    .join("\n");
}

/** Without the statement's text, vectors and long lists cut. */
function shortened(plan: string): string {
  return plan
    .replace(/^Query Text:[\s\S]*?\n(?=[A-Z][\w ]+ {2}\(cost=)/, "")
    .split("\n")
    .map((line) => (line.length > 200 ? `${line.slice(0, 199)}…` : line))
    .join("\n");
}
