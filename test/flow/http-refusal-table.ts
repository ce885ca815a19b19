import {
  chunked,
  documents,
  get,
  LIST,
  modern,
  post,
  preflight,
  type RefusedRequest,
  rpc,
  TOKENS,
  WRITE,
} from "./http-refusal-requests.ts";
import { RETRIES } from "./http-refusal-retries.ts";

const CHALLENGE = ["www-authenticate", /^Bearer$/] as const;
const BAD_TOKEN = ["www-authenticate", /^Bearer error="invalid_token"$/] as const;

const CREDENTIALS: readonly RefusedRequest[] = [
  {
    why: "no token",
    request: post({ headers: { Authorization: undefined } }),
    status: 401,
    header: CHALLENGE,
  },
  {
    why: "an unknown token",
    request: post({ headers: { Authorization: "Bearer nobodys" } }),
    status: 401,
    header: BAD_TOKEN,
  },
  { why: "an empty token", request: post({ headers: { Authorization: "Bearer " } }), status: 401 },
  {
    why: "another scheme",
    request: post({ headers: { Authorization: `Basic ${TOKENS.writer}` } }),
    status: 401,
  },
  {
    why: "a token without its scheme",
    request: post({ headers: { Authorization: TOKENS.writer } }),
    status: 401,
  },
  {
    why: "a token in a cookie",
    request: post({ headers: { Authorization: undefined, Cookie: `token=${TOKENS.writer}` } }),
    status: 401,
  },
  {
    why: "a token in the address",
    request: post({ line: `POST /mcp?token=${TOKENS.writer}`, headers: { Authorization: undefined } }),
    status: 400,
    says: /query/,
  },
  {
    why: "two tokens",
    request: post({ headers: { Authorization: [`Bearer ${TOKENS.writer}`, `Bearer ${TOKENS.reader}`] } }),
    status: 400,
    says: /authorization is given twice/,
  },
  {
    why: "a writing tool with a reading token",
    request: post({ headers: { Authorization: `Bearer ${TOKENS.reader}` }, body: WRITE }),
    status: 403,
    header: ["www-authenticate", /insufficient_scope", scope="write"/],
  },
  {
    why: "a writing tool in a batch with a reading token",
    request: post({ headers: { Authorization: `Bearer ${TOKENS.reader}` }, body: `[${LIST},${WRITE}]` }),
    status: 403,
  },
  {
    why: "metrics with a writing token, through a proxy",
    request: get("/metrics", { "X-Forwarded-For": "203.0.113.9" }),
    status: 403,
    says: /scope admin/,
  },
  ...["Via", "X-Forwarded-Proto", "CF-Connecting-IP", "X-Envoy-External-Address"].map((name) => ({
    why: `metrics without a token, through a proxy that tells so by ${name} only`,
    request: get("/metrics", { Authorization: undefined, [name]: "1.1 proxy" }),
    status: 401,
  })),
  {
    why: "metrics without a token, through a proxy",
    request: get("/metrics", { Authorization: undefined, Forwarded: "for=203.0.113.9" }),
    status: 401,
  },
];

const NAMES: readonly RefusedRequest[] = [
  { why: "another Host", request: post({ headers: { Host: "evil.example" } }), status: 403, says: /Host/ },
  { why: "another Host at metrics", request: get("/metrics", { Host: "evil.example" }), status: 403 },
  {
    why: "a Host that begins with ours",
    request: post({ headers: { Host: "localhost.evil.example" } }),
    status: 403,
  },
  { why: "a Host that ends with ours", request: post({ headers: { Host: "evil-localhost" } }), status: 403 },
  { why: "a Host with a user", request: post({ headers: { Host: "localhost@evil.example" } }), status: 403 },
  { why: "a Host with a dot at its end", request: post({ headers: { Host: "localhost." } }), status: 403 },
  { why: "a Host with two ports", request: post({ headers: { Host: "localhost:80:80" } }), status: 403 },
  { why: "an empty Host", request: post({ headers: { Host: "" } }), status: 403 },
  { why: "no Host", request: post({ headers: { Host: undefined } }), status: 400 },
  { why: "two Hosts", request: post({ headers: { Host: ["localhost", "evil.example"] } }), status: 400 },
  {
    why: "a page of another Origin",
    request: post({ headers: { Origin: "https://evil.example" } }),
    status: 403,
    says: /Origin/,
  },
  { why: "a page without an Origin of its own", request: post({ headers: { Origin: "null" } }), status: 403 },
  {
    why: "an Origin that begins with ours",
    request: post({ headers: { Origin: "http://localhost.evil.example" } }),
    status: 403,
  },
  {
    why: "an Origin with a user",
    request: post({ headers: { Origin: "http://localhost@evil.example" } }),
    status: 403,
  },
  {
    why: "an Origin of another scheme",
    request: post({ headers: { Origin: "file://localhost" } }),
    status: 403,
  },
  {
    why: "an Origin with a user before our name",
    request: post({ headers: { Origin: "http://evil.example@localhost" } }),
    status: 403,
  },
  {
    why: "an Origin of our name under another scheme",
    request: post({ headers: { Origin: "ftp://localhost" } }),
    status: 403,
  },
  {
    why: "two Origins",
    request: post({ headers: { Origin: ["http://localhost", "https://evil.example"] } }),
    status: 400,
  },
];

const PATHS: readonly RefusedRequest[] = [
  { why: "an unknown address", request: post({ line: "POST /admin" }), status: 404 },
  { why: "the root", request: get("/"), status: 404 },
  { why: "a slash at the end", request: post({ line: "POST /mcp/" }), status: 400 },
  { why: "two slashes", request: post({ line: "POST //mcp" }), status: 400 },
  { why: "an encoded letter", request: post({ line: "POST /%6dcp" }), status: 400 },
  {
    why: "an encoded slash",
    request: get("/healthz%2f..%2fmetrics", { Authorization: undefined }),
    status: 400,
  },
  { why: "a way up", request: get("/healthz/../metrics", { Authorization: undefined }), status: 400 },
  { why: "a backslash", request: post({ line: "POST /healthz\\..\\mcp" }), status: 400 },
  { why: "a semicolon", request: post({ line: "POST /mcp;a=b" }), status: 400 },
  { why: "another case", request: post({ line: "POST /MCP" }), status: 404 },
  {
    why: "a whole address of another server",
    request: post({ line: "POST http://evil.example/mcp" }),
    status: 400,
  },
  { why: "an address that is only a mark", request: post({ line: "OPTIONS *" }), status: 400 },
  { why: "below the protocol's address", request: post({ line: "POST /mcp/sessions" }), status: 404 },
];

const METHODS: readonly RefusedRequest[] = [
  { why: "GET, as for a stream", request: get("/mcp"), status: 405, header: ["allow", /^POST$/] },
  {
    why: "DELETE, as for a session",
    request: post({ line: "DELETE /mcp" }),
    status: 405,
    header: ["allow", /^POST$/],
  },
  { why: "OPTIONS of no page", request: preflight({ Origin: undefined }), status: 403, says: /web pages/ },
  { why: "OPTIONS of a strange page", request: preflight({ Origin: "https://evil.example" }), status: 403 },
  {
    why: "a page that wants to DELETE",
    request: preflight({ "Access-Control-Request-Method": "DELETE" }),
    status: 403,
    says: /POST only/,
  },
  {
    why: "OPTIONS of a page that does not say what it wants",
    request: preflight({ "Access-Control-Request-Method": undefined }),
    status: 403,
  },
  {
    why: "a page that wants to send a strange header",
    request: preflight({ "Access-Control-Request-Headers": "authorization,x-forwarded-for" }),
    status: 403,
    says: /may not send/,
  },
  {
    why: "a page that asks for two methods",
    request: preflight({ "Access-Control-Request-Method": ["POST", "DELETE"] }),
    status: 400,
    says: /given twice/,
  },
  {
    why: "OPTIONS elsewhere",
    request: preflight({}, "/metrics"),
    status: 405,
  },
  {
    why: "TRACE",
    request: post({ line: "TRACE /mcp", headers: { "Content-Length": undefined }, body: "" }),
    status: 405,
  },
  { why: "a method that is none", request: post({ line: "BREW /mcp" }), status: 400 },
  {
    why: "POST to a probe",
    request: post({ line: "POST /healthz" }),
    status: 405,
    header: ["allow", /^GET, HEAD$/],
  },
];

const SMUGGLED: readonly RefusedRequest[] = [
  { why: "two lengths", request: post({ headers: { "Content-Length": ["5", "6"] } }), status: 400 },
  {
    why: "a length and chunks",
    request: post({
      headers: { "Transfer-Encoding": "chunked" },
      body: "0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    }),
    status: 400,
  },
  {
    why: "a transfer encoding that is none",
    request: post({ unmeasured: true, headers: { "Transfer-Encoding": "xchunked" } }),
    status: 400,
  },
  { why: "a length that is no number", request: post({ headers: { "Content-Length": "+12" } }), status: 400 },
  { why: "a space before the colon", request: post({}).replace("Host:", "Host :"), status: 400 },
  { why: "a folded header", request: post({ headers: { "X-Folded": "one\r\n two" } }), status: 400 },
  {
    why: "a bare line feed",
    request: post({ headers: { "X-Other": "a\nAuthorization: Bearer b" } }),
    status: 400,
  },
  { why: "a NUL in a header", request: post({ headers: { "X-Other": "a\0b" } }), status: 400 },
  { why: "a head of 20 KB", request: post({ headers: { "X-Large": "x".repeat(20_000) } }), status: 431 },
  { why: "another version of HTTP", request: post({}).replace("HTTP/1.1", "HTTP/9.9"), status: 400 },
  { why: "no HTTP at all", request: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", status: 400 },
];

const BODIES: readonly RefusedRequest[] = [
  {
    why: "a form",
    request: post({
      headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: undefined },
    }),
    status: 415,
    says: /must be JSON/,
  },
  {
    why: "text that a page may send unasked",
    request: post({ headers: { "Content-Type": "text/plain" } }),
    status: 415,
  },
  { why: "no type", request: post({ headers: { "Content-Type": undefined } }), status: 415 },
  { why: "a compressed body", request: post({ headers: { "Content-Encoding": "gzip" } }), status: 415 },
  {
    why: "a length of 9 MB, before anything of it came",
    request: post({ headers: { "Content-Length": "9000000" }, body: "" }),
    status: 413,
  },
  { why: "9 MB in chunks", request: chunked("x".repeat(9_000_000)), status: 413 },
  { why: "no JSON", request: post({ body: "{" }), status: 400, says: /not JSON/ },
  { why: "no body", request: post({ body: "" }), status: 400, says: /not JSON/ },
  {
    why: "bytes that are not UTF-8",
    request: Buffer.concat([
      Buffer.from(post({ headers: { "Content-Length": "4" }, body: "" })),
      Buffer.of(0x22, 0xff, 0xfe, 0x22),
    ]),
    status: 400,
    says: /UTF-8/,
  },
  {
    why: "JSON of 10,000 levels",
    request: post({
      body: rpc("tools/call").replace("}", `,"params":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
    }),
    status: 400,
    says: /200 levels/,
  },
  {
    why: "10,000 open brackets",
    request: post({ body: "[".repeat(10_000) }),
    status: 400,
    says: /200 levels/,
  },
  {
    why: "a batch of 21",
    request: post({ body: `[${Array(21).fill(LIST).join()}]` }),
    status: 400,
    says: /at most 20/,
  },
  { why: "an empty batch", request: post({ body: "[]" }), status: 400 },
  { why: "a message that is a number", request: post({ body: "7" }), status: 400 },
  { why: "a message without a method", request: post({ body: '{"jsonrpc":"2.0","id":1}' }), status: 400 },
  {
    why: "an unknown set of tools",
    request: post({ headers: { "X-MCP-Toolset": "everything" } }),
    status: 400,
    says: /no profile/,
  },
  {
    why: "a revision that never was",
    request: post({ headers: { "MCP-Protocol-Version": "1999-01-01" } }),
    status: 400,
  },
  {
    why: "a method in the head that is not the body's",
    request: modern({ "Mcp-Method": "tools/list" }),
    status: 400,
  },
  {
    why: "a tool in the head that is not the body's",
    request: modern({ "Mcp-Name": "create_plan" }),
    status: 400,
  },
];

const DOCUMENTS: readonly RefusedRequest[] = [
  {
    why: "documents without a token",
    request: documents({}, { headers: { Authorization: undefined } }),
    status: 401,
    header: CHALLENGE,
  },
  {
    why: "documents with a reading token, whatever is in them",
    request: documents({}, { headers: { Authorization: `Bearer ${TOKENS.reader}` }, body: "{" }),
    status: 403,
    header: ["www-authenticate", /insufficient_scope", scope="write"/],
    says: /may read/,
  },
  {
    why: "documents of a page of another Origin",
    request: documents({}, { headers: { Origin: "https://evil.example" } }),
    status: 403,
  },
  {
    why: "documents under another Host",
    request: documents({}, { headers: { Host: "evil.example" } }),
    status: 403,
  },
  { why: "documents asked for", request: get("/documents"), status: 405, header: ["allow", /^POST$/] },
  { why: "a page that would send documents", request: preflight({}, "/documents"), status: 405 },
  {
    why: "documents as a form",
    request: documents({}, { headers: { "Content-Type": "application/x-www-form-urlencoded" } }),
    status: 415,
  },
  { why: "documents that are no JSON", request: documents({}, { body: "{" }), status: 400 },
  { why: "no step at all", request: documents({}, { body: "[]" }), status: 400, says: /no step/ },
  { why: "a step that there is none of", request: documents({ step: "burn" }), status: 400, says: /step/ },
  {
    why: "a path out of the working copy",
    request: documents({ step: "remove", paths: ["../../etc/passwd"] }),
    status: 400,
    says: /no plain path/,
  },
  {
    why: "a project that is named by a folder",
    request: documents({ project: { keys: ["path:/home/me"], name: "me" } }),
    status: 400,
    says: /project\.keys/,
  },
  {
    why: "a project that is not known",
    request: documents({ project: { named: "nowhere", keys: [], name: "x" } }),
    status: 404,
    says: /not known/,
  },
  {
    why: "documents of more than 8 MiB",
    request: documents({}, { headers: { "Content-Length": "8388609" }, body: "" }),
    status: 413,
  },
];

/** Everything that a service must refuse without knowing more than who its callers are. */
export const REFUSED: readonly RefusedRequest[] = [
  ...CREDENTIALS,
  ...NAMES,
  ...PATHS,
  ...METHODS,
  ...SMUGGLED,
  ...BODIES,
  ...DOCUMENTS,
  ...RETRIES,
];
