import { KnowledgeError } from "../../domain/error.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { StorageAdapter } from "../adapter.ts";

export interface PrimaryOptions {
  /** Opens the store that counts; fails where it cannot be reached. */
  readonly open: () => Promise<StorageAdapter>;
  /** Whether an error means that it cannot be reached, and not that something is wrong with the call. */
  readonly isAway: (error: unknown) => boolean;
  /** Milliseconds, as a clock that never goes back. */
  readonly now: () => number;
  /** How long nobody asks again after a failure, in milliseconds. */
  readonly restMs: number;
  /** Called when it goes away and when it comes back. */
  readonly onTurn: (isAway: boolean) => void;
}

// SAFETY: a UUID in lower case; nobody's project: asking for it shows that the store answers.
const NO_PROJECT = "00000000-0000-4000-8000-000000000000" as ProjectId;

/** The store that counts, as far as it can be reached. */
export class Primary {
  readonly #options: PrimaryOptions;
  #storage: StorageAdapter | undefined;
  #opening: Promise<StorageAdapter> | undefined;
  #probing: Promise<void> | undefined;
  #failedAt: number | undefined;

  constructor(options: PrimaryOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#failedAt !== undefined;
  }

  /**
   * Does something there. While it is known to be away nobody waits for it: it is asked behind the scenes whether it
   * is back.
   * @throws KnowledgeError `unavailable` when it is away, and whatever the work throws
   */
  async ask<Result>(work: (storage: StorageAdapter) => Promise<Result>): Promise<Result> {
    if (this.#failedAt !== undefined) {
      void this.probe();
      throw away();
    }
    try {
      return await work(await this.#opened());
    } catch (error) {
      if (this.#options.isAway(error)) this.#fail();
      throw error;
    }
  }

  /** Whether what was thrown means that it is away. */
  isAbsence(error: unknown): boolean {
    return error instanceof PrimaryAway || this.#options.isAway(error);
  }

  /** Finds out whether it is back, unless that was tried a moment ago. */
  probe(): Promise<void> {
    const { now, restMs } = this.#options;
    if (this.#failedAt === undefined || now() - this.#failedAt < restMs) return Promise.resolve();
    this.#probing ??= this.#tryAgain().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async close(): Promise<void> {
    await this.#probing;
    const opened = this.#storage ?? (await this.#opening?.catch(() => undefined));
    await opened?.close();
  }

  async #tryAgain(): Promise<void> {
    try {
      const storage = await this.#opened();
      await storage.projects.findById(NO_PROJECT);
      this.#failedAt = undefined;
      this.#options.onTurn(false);
    } catch {
      // Whatever it is: it is asked again, and a call that reaches it tells what is wrong.
      this.#failedAt = this.#options.now();
    }
  }

  #opened(): Promise<StorageAdapter> {
    this.#opening ??= this.#options.open().then(
      (storage) => {
        this.#storage = storage;
        return storage;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  #fail(): void {
    const wasAway = this.isAway;
    this.#failedAt = this.#options.now();
    if (!wasAway) this.#options.onTurn(true);
  }
}

class PrimaryAway extends KnowledgeError {}

function away(): KnowledgeError {
  return new PrimaryAway("unavailable", "PostgreSQL is away: nothing can be written until it is back.", {
    hint: "Try again in a moment. Reading works meanwhile, from the local copy.",
  });
}
