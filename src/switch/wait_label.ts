/**
 * What is waited for, in words: `"accept"`, or an object whose `toString` says it when somebody
 * looks, such as `Semaphore connections`. It costs nothing before that.
 */
export type WaitLabel = string | { toString(): string };
