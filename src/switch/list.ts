/** Something that was registered, and that can be taken back. */
export interface Registration {
  /** Takes it back. True exactly once, and only when it had not been used before. */
  remove(): boolean;
}

/**
 * A member of a {@linkcode List}: extend this class to make one. The links are in the member
 * itself, so that it can leave in constant time and the list allocates nothing.
 */
export class Link implements Registration {
  /** The list that it is in; one at most. */
  list: List<Link> | undefined = undefined;
  /** The member before it. */
  prev: Link | undefined = undefined;
  /** The member after it. */
  next: Link | undefined = undefined;

  /** Leaves the list. False when it was in none. */
  remove(): boolean {
    if (this.list === undefined) return false;
    this.list.delete(this);
    return true;
  }
}

/** A doubly linked list whose members are its own links. Oldest first. */
export class List<T extends Link> {
  #first: Link | undefined = undefined;
  #last: Link | undefined = undefined;
  #size = 0;

  /** How many members there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds `member`, which must be in no list, as the youngest, and returns it. */
  push(member: T): T {
    member.list = this;
    member.prev = this.#last;
    if (this.#last === undefined) this.#first = member;
    else this.#last.next = member;
    this.#last = member;
    this.#size++;
    return member;
  }

  /** Takes out the oldest member. */
  shift(): T | undefined {
    return this.#take(this.#first);
  }

  /** Takes out the youngest member. */
  pop(): T | undefined {
    return this.#take(this.#last);
  }

  /** Takes out `member`, which must be in this list. */
  delete(member: Link): void {
    const { prev, next } = member;
    if (prev === undefined) this.#first = next;
    else prev.next = next;
    if (next === undefined) this.#last = prev;
    else next.prev = prev;
    member.list = member.prev = member.next = undefined;
    this.#size--;
  }

  /** The members, oldest first. The list must not change meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let link = this.#first; link !== undefined; link = link.next) yield link as T;
  }

  #take(link: Link | undefined): T | undefined {
    if (link !== undefined) this.delete(link);
    return link as T | undefined;
  }
}
