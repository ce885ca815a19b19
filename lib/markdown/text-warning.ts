/** Something about a text that its author should know; reading went on. */
export interface TextWarning {
  /** 1-based line of the text. */
  readonly line: number;
  readonly reason: string;
}
