// Reads as much of a Dockerfile as ours uses: its stages, and in each what is copied, run and set.

/** Its stages in order: `{ name, copies: [{ from, sources, target }], runs, env, user, entrypoint, command, healthcheck }`. */
export function stagesOf(text) {
  const stages = [];
  for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
    const [, word, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (word === "FROM") stages.push(newStage(rest));
    else READERS[word]?.(stages.at(-1), rest);
  }
  return stages;
}

function newStage(from) {
  return { name: / AS (\w+)$/.exec(from)?.[1], copies: [], runs: [], env: {} };
}

const READERS = {
  COPY: (stage, rest) => {
    const words = rest.split(" ");
    const from = words[0].startsWith("--from=") ? words.shift().slice("--from=".length) : undefined;
    stage.copies.push({ from, target: words.pop(), sources: words });
  },
  RUN: (stage, rest) => stage.runs.push(rest),
  ENV: (stage, rest) =>
    Object.assign(stage.env, Object.fromEntries(rest.split(" ").map((each) => each.split("=")))),
  USER: (stage, rest) => Object.assign(stage, { user: rest }),
  ENTRYPOINT: (stage, rest) => Object.assign(stage, { entrypoint: JSON.parse(rest) }),
  CMD: (stage, rest) => Object.assign(stage, { command: JSON.parse(rest) }),
  HEALTHCHECK: (stage, rest) =>
    Object.assign(stage, { healthcheck: JSON.parse(rest.replace(/^.*? CMD /, "")) }),
};
