import type { TransferRecord } from "../../domain/transfer-record.ts";
import { NO_PROJECT, NO_SPACE } from "./missing-parts.ts";
import { unfitting } from "./vector-bytes.ts";

/** What a store holds that its other records belong to. */
export class KnownParts {
  readonly #projects = new Set<string>();
  readonly #spaces = new Map<string, number>();

  /** Why a record fits to none of those that came before it, if that is so; they come in the order of the kinds. */
  fault(record: TransferRecord): string | undefined {
    switch (record.record) {
      case "project":
        this.#projects.add(record.id);
        return undefined;
      case "space":
        this.#spaces.set(record.id, record.dimensions);
        return undefined;
      case "vector": {
        const dimensions = this.#spaces.get(record.space);
        if (dimensions === undefined) return NO_SPACE;
        return unfitting(Buffer.from(record.embedding, "base64"), dimensions);
      }
      default:
        return this.#projects.has(record.project) ? undefined : NO_PROJECT;
    }
  }
}
