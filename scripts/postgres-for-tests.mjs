// `node scripts/postgres-for-tests.mjs start|stop|status`: a throw-away PostgreSQL with pgvector for tests and
// benchmarks. Nothing is installed into the system. What goes wrong is one sentence; status 5: none can be had here.
import { listServers, startServer, stopServer, watchServer } from "./postgres/server.mjs";
import { settingsFrom, USAGE } from "./postgres/settings.mjs";
import { entry, Failure } from "./setup/run.mjs";

const VERBS = { start, stop, status, watch: watchServer };

await entry(async () => {
  // Another account must be able to read what root unpacks and makes.
  process.umask(0o022);
  const settings = settingsFrom(process.argv.slice(2));
  if (!Object.hasOwn(VERBS, settings.verb)) throw new Failure(USAGE, 2);
  await VERBS[settings.verb](settings);
});

async function start(settings) {
  const began = Date.now();
  const server = { ...(await startServer(settings)), tookMs: Date.now() - began };
  console.log(settings.json ? JSON.stringify(server) : `export TEST_POSTGRES_URL=${server.url}`);
  const what = server.started ? `started in ${(server.tookMs / 1000).toFixed(1)} s` : "was running";
  if (!settings.json) console.error(`${told(server)} ${what}.`);
}

async function stop(settings) {
  const dir = await stopServer(settings);
  if (settings.json) console.log(JSON.stringify({ stopped: dir ?? null }));
  else console.error(dir === undefined ? "No server was stopped." : `The server in ${dir} was stopped.`);
}

function status(settings) {
  const servers = listServers(settings);
  if (settings.json) console.log(JSON.stringify(servers));
  else if (servers.length === 0) console.log("No server of this user is running.");
  else for (const server of servers) console.log(`${told(server)} ${server.url}`);
}

function told({ version = "", vector = "", dir, replicaOf }) {
  const role = replicaOf === undefined ? "" : ` (replica of ${replicaOf})`;
  return `PostgreSQL ${version} with pgvector ${vector} in ${dir}${role}:`.replaceAll("  ", " ");
}
