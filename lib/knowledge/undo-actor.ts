const MARK = " (undo)";

/** Who writes what an undoing writes, as the log of changes names them. */
export function undoingActor(actor: string): string {
  return `${actor}${MARK}`;
}

export function isUndoing(actor: string): boolean {
  return actor.endsWith(MARK);
}
