/** A text stream of the process, as much of it as is used. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** @param done called when the text is on its way, or cannot be written */
  write(text: string, done?: (error?: Error | null) => void): boolean;
}

/** The process as commands see it; tests hand in their own. */
export interface Door {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  readonly stdout: TextStream;
  readonly stderr: NodeJS.WriteStream | TextStream;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The program's own file, for registering it in clients. */
  readonly program: string;
  /** Calls back at Ctrl-C; returns how to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once: for the second Ctrl-C only. */
  readonly abort: (status: number) => void;
}
