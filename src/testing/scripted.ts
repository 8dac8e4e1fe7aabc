interface Entry<T> {
  item: T;
  left: number;
}

/** What a test scripts: each item applies a limited number of times, or until it's lifted. */
export class Scripted<T extends { times?: number }> {
  #entries: Entry<T>[] = [];

  /** Returns a function that lifts the item. */
  add(item: T): () => void {
    const entry = { item, left: item.times ?? Number.POSITIVE_INFINITY };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  /** The first item that fits, counted as used. An item that is used up isn't kept. */
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

  #remove(entry: Entry<T>): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
