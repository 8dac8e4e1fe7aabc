interface ScriptedEntry<T> {
  item: T;
  left: number;
}

/** Items that a test scripts. Each item applies a limited number of times, or until it's removed. */
export class Scripted<T extends { times?: number }> {
  #entries: ScriptedEntry<T>[] = [];

  /** Adds an item. Returns a function that removes it. */
  add(item: T): () => void {
    const entry = { item, left: item.times ?? Number.POSITIVE_INFINITY };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  /** Returns the first matching item and counts its use. An item that is used up is removed. */
  take(fits: (item: T) => boolean): T | undefined {
    const entry = this.#entries.find(({ item, left }) => left > 0 && fits(item));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#remove(entry);
    return entry.item;
  }

  clear(): void {
    this.#entries = [];
  }

  #remove(entry: ScriptedEntry<T>): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
