// PostgreSQL with pgvector from a newer Debian suite, unpacked into a cache folder and run with that suite's own
// loader and libraries: nothing is installed into the system. The mirror is the one apt is set up with.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Failure, tail } from "../setup/run.mjs";
import { runProgram } from "./program.mjs";

const SUITE = "trixie";
export const MAJOR = 17;
const WANTED = [`postgresql-${MAJOR}`, `postgresql-${MAJOR}-pgvector`];
const KEYRINGS = ["gpg", "pgp"].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`);
const PATIENCE_MS = 240_000;

// Of everything they depend on, a server in a folder needs the libraries; not Perl, LLVM, or what the libraries bring.
const NEEDED = new RegExp(`^(lib|zlib|postgresql-(client-)?${MAJOR}(-pgvector)?$)`);
const NEEDLESS =
  /^(libperl|libllvm|libz3|libdb5|libgdbm|libproc2|libjson-perl|libio-pty|libipc-run|libpam-|libdebconf|liblocale|libtext|libsem|libsep|libncurses|libbsd|libmd0|libattr|libacl|libcrypt-dev|libffi|libedit|libc-)/;

/** Puts the programs into `folder`, whole or not at all. Throws a `Failure` of status 5 where they cannot be had. */
export async function fetchPrograms(folder) {
  const source = await sourceOfDebian();
  const work = `${folder}.partial`;
  rmSync(work, { recursive: true, force: true });
  try {
    const debs = await download(work, source);
    rmSync(join(work, "apt"), { recursive: true, force: true });
    for (const deb of debs) await must("dpkg-deb", ["-x", deb, work], work);
    sweep(work);
    wrapPrograms(work, folder);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The line of apt's configuration for the suite we want, at the mirror that serves the suite of this system. */
async function sourceOfDebian() {
  const here = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(here)?.[1];
  const isDebian = /^ID=debian$/m.test(here) && codename !== undefined;
  const keyring = KEYRINGS.find((file) => existsSync(file));
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ARCHITECTURE)";
  const args = ["indextargets", "--format", format, "Created-By: Packages"];
  const { status, stdout } = isDebian ? await runProgram("apt-get", args) : { status: 1, stdout: "" };
  const targets = stdout.split("\n").map((line) => line.split(" "));
  const target = targets.find(([, release, part]) => release === codename && part === "main");
  if (status !== 0 || target === undefined || keyring === undefined) {
    throw new Failure(
      "No PostgreSQL with pgvector is installed, and it can be fetched only on a Debian system whose apt knows a mirror.",
      5,
    );
  }
  const [uri, , , architecture] = target;
  return `deb [signed-by=${keyring} arch=${architecture}] ${uri} ${SUITE} main\n`;
}

/** Paths of the downloaded packages. */
async function download(work, source) {
  const apt = join(work, "apt");
  const debs = join(work, "debs");
  for (const folder of [`${apt}/lists/partial`, `${apt}/archives/partial`, debs]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "list"), source);
  writeFileSync(join(apt, "conf"), configuration(apt));
  const aptGet = (...args) => must("apt-get", ["-c", join(apt, "conf"), "-qq", ...args], debs);
  await aptGet("update");
  const plan = await aptGet("-s", "install", ...WANTED);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  await aptGet("download", ...names.filter((name) => NEEDED.test(name) && !NEEDLESS.test(name)));
  return readdirSync(debs).map((name) => join(debs, name));
}

// Read after the system's own configuration, of which proxy and credentials stay; what it does after an update or
// download is for the system's lists, not for ours.
function configuration(apt) {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "${apt}";
Dir::State::Lists "${apt}/lists";
Dir::State::Status "${apt}/status";
Dir::Cache "${apt}";
Dir::Cache::Archives "${apt}/archives";
Dir::Etc::SourceList "${apt}/list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
`;
}

async function must(command, args, cwd) {
  const { status, output, stdout } = await runProgram(command, args, { cwd, timeoutMs: PATIENCE_MS });
  if (status === 0) return stdout;
  const reason = /^[EW]: (.{1,200})/m.exec(output)?.[1] ?? tail(output, 1);
  throw new Failure(`PostgreSQL could not be fetched (${command} says: ${reason}).`, 5);
}

function sweep(work) {
  for (const part of [
    "debs",
    ...["doc", "man", "locale", "lintian", "bug"].map((name) => `usr/share/${name}`),
  ]) {
    rmSync(join(work, part), { recursive: true, force: true });
  }
}

/** Each program becomes a line of shell that starts it with the loader and libraries it was unpacked with. */
function wrapPrograms(work, folder) {
  const [libraries] = readdirSync(join(work, "usr/lib")).filter(
    (name) => name.endsWith("-linux-gnu") || name.includes("-linux-gnu"),
  );
  const paths = [`usr/lib/${libraries}`, `usr/lib/postgresql/${MAJOR}/lib`].map((path) => join(folder, path));
  const loader = readdirSync(join(work, "usr/lib", libraries)).find((name) =>
    /^ld-linux.*\.so\.\d+$/.test(name),
  );
  const bin = binOf(work);
  mkdirSync(join(bin, ".elf"));
  for (const name of readdirSync(bin).filter((each) => isElf(join(bin, each)))) {
    renameSync(join(bin, name), join(bin, ".elf", name));
    const words = [
      join(paths[0], loader),
      "--argv0",
      join(binOf(folder), name),
      "--library-path",
      paths.join(":"),
    ];
    const line = [...words, join(binOf(folder), ".elf", name)].map(quoted).join(" ");
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${line} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

function isElf(file) {
  try {
    return readFileSync(file).subarray(1, 4).toString("latin1") === "ELF";
  } catch {
    return false;
  }
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Where the programs are below a folder that was filled by {@link fetchPrograms}. */
export function binOf(folder) {
  return join(folder, "usr/lib/postgresql", String(MAJOR), "bin");
}
