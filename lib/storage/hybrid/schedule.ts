import { asKnowledgeError } from "../../domain/error.ts";
import type { Follower } from "./follower.ts";
import type { Primary } from "./primary.ts";

export interface ScheduleOptions {
  readonly primary: Primary;
  readonly follower: Follower;
  /** 0: nothing goes by itself. */
  readonly everyMs: number;
  readonly stopping: AbortController;
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

/** Writes that come together are followed together. */
const SOON_MS = 25;
/** How long a process that ends stays for what it owes; whoever follows next does the rest. */
const LAST_MS = 3_000;

/** When the copy follows: a moment after each write of this process, and every so often for those of others. */
export class Schedule {
  readonly #options: ScheduleOptions;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #running: Promise<boolean> | undefined;
  #told: string | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#at(options.everyMs);
  }

  soon(): void {
    this.#at(SOON_MS);
  }

  /** One whole pass that begins now. */
  async follow(): Promise<boolean> {
    await this.#running?.catch(() => false);
    this.#running = this.#pass();
    try {
      return await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  /** @param last whether to follow once more, for a short time */
  async close({ last }: { readonly last: boolean }): Promise<void> {
    const { stopping, primary } = this.#options;
    clearTimeout(this.#timer);
    this.#dueAt = Number.NEGATIVE_INFINITY;
    const stop = setTimeout(() => stopping.abort(), last && !primary.isAway ? LAST_MS : 0);
    await this.#running?.catch(() => false);
    if (last && !primary.isAway && !stopping.signal.aborted) await this.follow().catch(() => false);
    clearTimeout(stop);
    stopping.abort();
  }

  async #pass(): Promise<boolean> {
    const { primary, follower } = this.#options;
    await primary.probe();
    return primary.ask((storage) => follower.follow(storage));
  }

  #at(ms: number): void {
    const { everyMs, stopping } = this.#options;
    const due = performance.now() + ms;
    if (everyMs === 0 || stopping.signal.aborted || due >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = due;
    this.#timer = setTimeout(() => void this.#turn(), ms);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    try {
      await this.follow();
      this.#told = undefined;
    } catch (error) {
      this.#tell(asKnowledgeError(error).message);
    }
    if (this.#dueAt === Number.NEGATIVE_INFINITY) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#at(this.#options.everyMs);
  }

  /** Once for each trouble; that PostgreSQL is away has been told. */
  #tell(sentence: string): void {
    const { primary, onNotice, stopping } = this.#options;
    if (primary.isAway || stopping.signal.aborted || this.#told === sentence) return;
    this.#told = sentence;
    onNotice?.(`The copy does not follow: ${sentence}`);
  }
}
