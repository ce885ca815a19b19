// Speaks the protocol of model-process.ts without a model: a text says what to do with it.
let answered = 0;

process.on("disconnect", () => process.exit());
process.once("message", (setup) => {
  if (setup.runtime === "native") {
    process.send({ kind: "failed", reason: "no native runtime" });
    return;
  }
  process.on("message", ({ text }) => answer(text));
  process.send({ kind: "ready", runtime: "wasm" });
});

function answer(text) {
  if (text.startsWith("hang")) return;
  if (text.startsWith("die")) process.exit(3);
  if (text.startsWith("refuse")) {
    process.send({ kind: "refused", reason: "too strange" });
    return;
  }
  answered += 1;
  // What the vector holds: which text it was for this process, and which process.
  const vector = Float32Array.of(answered, process.pid);
  setTimeout(() => process.send({ kind: "vector", vector }), 2);
}
