/** Points in time, first in, first out: numbers in a ring that grows when it is full. */
export class TimeQueue {
  #times = new Float64Array(16);
  #first = 0;
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** The oldest, or for ever where there is none. */
  get oldest(): number {
    return this.#length === 0 ? Infinity : this.#times[this.#first]!;
  }

  /** Puts one at the end. */
  push(time: number): void {
    if (this.#length === this.#times.length) this.#grow();
    this.#times[(this.#first + this.#length++) & (this.#times.length - 1)] = time;
  }

  /** Takes the oldest. There must be one. */
  shift(): number {
    const time = this.#times[this.#first]!;
    this.#first = (this.#first + 1) & (this.#times.length - 1);
    this.#length--;
    return time;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times.subarray(this.#first));
    times.set(this.#times.subarray(0, this.#first), this.#times.length - this.#first);
    this.#times = times;
    this.#first = 0;
  }
}
