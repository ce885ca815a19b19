/** A title as the tail of a slug: lower-case words joined by `_`, at most 60 characters, letters of any script. */
export function slugOfTitle(title: string): string {
  const words =
    title
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  let slug = "";
  for (const word of words) {
    if (slug.length + word.length > 60) break;
    slug += slug === "" ? word : `_${word}`;
  }
  return slug === "" ? (words[0]?.slice(0, 60) ?? "untitled") : slug;
}
