const SMALLEST = 64;

/** Which slot holds an id: a hash table of 8 bytes an entry, where a Map of a million would take 40 MB. */
export class SlotTable {
  /** Pairs id, slot; id 0 = free. */
  #entries = new Uint32Array(2 * SMALLEST);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Makes room for so many ids at once. */
  reserve(count: number): void {
    let length = this.#entries.length;
    while (length < 3 * count) length *= 2;
    if (length > this.#entries.length) this.#resize(length);
  }

  find(id: number): number | undefined {
    const at = this.#place(id);
    return this.#entries[at] === id ? this.#entries[at + 1] : undefined;
  }

  set(id: number, slot: number): void {
    let at = this.#place(id);
    if (this.#entries[at] !== id) {
      if (3 * (this.#count + 1) > this.#entries.length) {
        this.#resize(this.#entries.length * 2);
        at = this.#place(id);
      }
      this.#count += 1;
    }
    this.#entries[at] = id;
    this.#entries[at + 1] = slot;
  }

  /** Removes an id and closes the gap in its probe chain, so that no tombstones gather. */
  delete(id: number): void {
    let gap = this.#place(id);
    const entries = this.#entries;
    if (entries[gap] !== id) return;
    this.#count -= 1;
    for (let at = this.#after(gap); entries[at] !== 0; at = this.#after(at)) {
      const home = this.#home(entries[at] ?? 0);
      const between = gap <= at ? gap < home && home <= at : gap < home || home <= at;
      if (between) continue;
      entries[gap] = entries[at] ?? 0;
      entries[gap + 1] = entries[at + 1] ?? 0;
      gap = at;
    }
    entries[gap] = 0;
  }

  /** Where the id is, or the free place where it would go. */
  #place(id: number): number {
    let at = this.#home(id);
    while (this.#entries[at] !== 0 && this.#entries[at] !== id) at = this.#after(at);
    return at;
  }

  /** Multiplicative hashing (Knuth): consecutive ids scatter. The size is a power of two. */
  #home(id: number): number {
    const places = this.#entries.length / 2;
    return 2 * ((Math.imul(id, 0x9e3779b1) >>> 8) % places);
  }

  #after(at: number): number {
    return at + 2 === this.#entries.length ? 0 : at + 2;
  }

  #resize(length: number): void {
    const old = this.#entries;
    this.#entries = new Uint32Array(length);
    for (let at = 0; at < old.length; at += 2) {
      const id = old[at] ?? 0;
      if (id === 0) continue;
      const place = this.#place(id);
      this.#entries[place] = id;
      this.#entries[place + 1] = old[at + 1] ?? 0;
    }
  }
}
