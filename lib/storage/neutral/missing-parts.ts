/** What a record lacks in a store, in the same words for both engines. */
export const NO_PROJECT = "belongs to a project that is not there";
export const NO_SPACE = "belongs to a space that is not there";

export function takesSlug(slug: string, wished: string): string {
  return `takes the slug ${slug}, because another row has ${wished}`;
}

export function takesRef(ref: string): string {
  return `takes the ref ${ref}, because another row has its own`;
}

export function leavesKey(key: string): string {
  return `comes without the key ${key}, which belongs to another project`;
}

export function unnumbered(seq: number | undefined): string {
  return `comes without its sequence number, because another change has ${seq}: this store seals it anew`;
}
