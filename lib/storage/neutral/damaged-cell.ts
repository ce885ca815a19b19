/** A value of a row that no member of a record can be made of. */
export class DamagedCell extends Error {
  readonly column: string;

  /** @param why a sentence's end: `is no JSON` */
  constructor(column: string, why: string) {
    super(`${column} ${why}`);
    this.column = column;
  }
}

/** Why a record cannot be compared with the one that stands. */
export function standsDamaged({ message }: DamagedCell): string {
  return `stands with a value that cannot be read (${message})`;
}
