/**
 * Work that comes one by one and is done together: while one round is written, what comes meanwhile gathers for the next. A thousand
 * vaults answer within seconds, and a transaction each would cost more than all their signatures.
 */
export class Together<Item, Result> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #most: number;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #running = false;

  /** @param most of one round; a longer one would hold its rows too long */
  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>, most: number) {
    this.#work = work;
    this.#most = most;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // What ends in the same turn of the loop goes together; nobody waits for it.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const round = this.#waiting.splice(0, this.#most);
      try {
        const results = await this.#work(round.map(({ item }) => item));
        round.forEach(({ resolve }, i) => resolve(results[i]!));
      } catch (error) {
        // One that cannot be written must not take the others with it: each is tried alone, and fails alone.
        if (round.length === 1) round[0]!.reject(error);
        else for (const { item, resolve, reject } of round) await this.#work([item]).then(([result]) => resolve(result!), reject);
      }
    }
    this.#running = false;
  }
}
