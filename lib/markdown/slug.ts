/** Basenames that say nothing without their folder. */
const GENERIC =
  /^(?:readme|index|_index|spec|specs|specification|proposal|task|tasks|todo|todos|design|plan|notes?|skill|agents|claude|gemini|license|changelog|contributing|requirements?|research|evidence|roadmap|goal|overview|summary|decisions?|questions|status|log|session|meta|main|page|doc|template|untitled|new)$/i;

/**
 * The slugs that a file's document may take, best first: its basename without extension, then with one more
 * parent folder each, up to the whole path. A generic basename (`README`, `spec`) begins with its folder.
 * @param path relative, with `/` or `\`
 */
export function slugCandidates(path: string): string[] {
  const parts = path
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  const basename = parts.pop() ?? "";
  const stem = basename.replace(/(?<=.)\.[A-Za-z0-9]{1,8}$/, "");
  const slugs = [stem];
  for (let taken = 1; taken <= parts.length; taken++) slugs.push([...parts.slice(-taken), stem].join("/"));
  return GENERIC.test(stem) && slugs.length > 1 ? slugs.slice(1) : slugs;
}
