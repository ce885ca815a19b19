import type { Opened } from "../lib/compose.ts";
import type { Config } from "../lib/config.ts";

/** The store, opened at the first call; a failed opening is tried again at the next. */
export interface Opener {
  open(): Promise<Opened>;
  close(): Promise<void>;
}

/** Nothing is loaded before the first call, so that the handshake waits for no database. */
export function createOpener(config: () => Config): Opener {
  let opening: Promise<Opened> | undefined;
  return {
    open: () => {
      opening ??= import("../lib/compose.ts").then(({ compose }) => compose(config(), { thread: "worker" }));
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    },
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}
