/** Faults on demand, by method and path: an answer of 429 or 500 before or after the work is done, silence, slowness. */
export type Fault = {
  /** "POST /v1/subscriptions"; a trailing "*" matches what begins so. */
  readonly match: string;
  /** "drop": the connection ends without an answer. */
  readonly answer: number | "drop";
  /** Whether the work is done first. */
  readonly after: boolean;
  readonly delayMs: number;
  /** How often still. */
  times: number;
};

export class Faults {
  readonly #list: Fault[] = [];

  add(fault: Partial<Fault> & Pick<Fault, "match">): void {
    this.#list.push({ answer: 500, after: false, delayMs: 0, times: 1, ...fault });
  }

  clear(): void {
    this.#list.length = 0;
  }

  /** The fault that strikes this call, used up by it. */
  take(call: string): Fault | undefined {
    const found = this.#list.find(({ match, times }) => times > 0 && (match.endsWith("*") ? call.startsWith(match.slice(0, -1)) : match === call));
    if (found) found.times -= 1;
    return found;
  }
}
