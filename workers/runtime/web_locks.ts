/** The part of the Web Locks API that lanes and wardens use. Deno has it, and does not declare it. */
interface LockManager {
  request(name: string, callback: () => unknown): Promise<unknown>;
}

/** The locks of this thread. */
export function webLocks(): LockManager {
  return (navigator as unknown as { readonly locks: LockManager }).locks;
}
