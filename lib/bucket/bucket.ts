/** One place in a bucket of an S3-compatible service. Objects are named as files are, without slashes. */
export interface Bucket {
  /** `s3://bucket/prefix/name`; it holds no credential. Without a name: that of the place. */
  addressOf(name?: string): string;
  /**
   * Puts a file there, in parts where it is long; of a transfer that fails nothing is left. An object of the name is
   * replaced. @throws KnowledgeError as {@link Bucket}
   */
  upload(file: string, name: string, watching?: Watching): Promise<void>;
  /** Puts a short text there. */
  putText(name: string, text: string): Promise<void>;
  /** A short text, at most 10 kB of it; `undefined` where there is no such object. */
  getText(name: string): Promise<string | undefined>;
  /**
   * An object from its first byte to its last, in pieces. A connection that is cut is taken up where it broke.
   * @throws KnowledgeError `not_found` where there is none
   */
  read(name: string, watching?: Watching): AsyncIterable<Uint8Array>;
  /** Every object of the place itself, by name; not those of places below it. */
  list(): Promise<readonly BucketObject[]>;
  /** Nothing happens where there is none. */
  remove(name: string): Promise<void>;
}

export interface BucketObject {
  readonly name: string;
  readonly bytes: number;
}

export interface Watching {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends the transfer, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
