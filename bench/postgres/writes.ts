import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { type Measurement, percentiles, timed } from "../measure.ts";
import { type BenchDatabase, WRITERS } from "./database.ts";
import { connectOwner } from "./owner.ts";

/** Names of what is measured about writing. */
export const WRITES = ["record-event"];

/** Events recorded one by one, and by twenty writers at once, beside what one commit costs the server. */
export async function measureWrites(database: BenchDatabase): Promise<readonly Measurement[]> {
  const [tenant] = database.tenants;
  const [target] = tenant?.projects ?? [];
  if (tenant === undefined || target === undefined) return [];
  const deps = database.depsOf(tenant);
  const record = () => recordEvent(deps, target.project, database.newEvent());
  const floorMs = await commitMs(database.url);
  await timed(20, record);
  const alone = percentiles(await timed(300, record));
  const each = 50;
  const started = performance.now();
  const together = (await Promise.all(Array.from({ length: WRITERS }, () => timed(each, record)))).flat();
  const perSecond = Math.round((together.length * 1_000) / (performance.now() - started));
  const base = { engine: "postgres", events: database.events, floorMs };
  return [
    { operation: "record-event", ...base, ...alone, note: "floor: the commit of one short row" },
    {
      operation: `record-event ×${WRITERS}`,
      ...base,
      ...percentiles(together),
      perSecond,
      note: `${WRITERS} writers at once`,
    },
  ];
}

/** The median time of a durable commit of one short row. */
async function commitMs(url: string): Promise<number> {
  const owner = await connectOwner(url);
  try {
    await owner.query("CREATE TABLE public.bench_commits (n int)");
    const tookMs = await timed(100, (n) => owner.query("INSERT INTO public.bench_commits VALUES ($1)", [n]));
    await owner.query("DROP TABLE public.bench_commits");
    return percentiles(tookMs).p50Ms;
  } finally {
    await owner.end();
  }
}
