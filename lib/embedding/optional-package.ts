import { KnowledgeError } from "../domain/error.ts";

/** Loads a package by name; `import` in the product, something else in tests. */
export type LoadPackage = (name: string) => Promise<unknown>;

/**
 * A package that users install beside this one where they want its provider.
 * Throws KnowledgeError `unavailable` with how to install it.
 */
export async function optionalPackage(
  name: string,
  load: LoadPackage = (specifier) => import(specifier),
): Promise<unknown> {
  try {
    return await load(name);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    const problem = isAbsent ? "is not installed" : "cannot be loaded";
    throw new KnowledgeError(
      "unavailable",
      `This embedding provider needs the package ${name}, which ${problem}.`,
      {
        hint: `Install it beside aiknowsys (npm install ${name}, with -g where aiknowsys is global), or choose another EMBEDDING_PROVIDER.`,
        cause: error,
      },
    );
  }
}
