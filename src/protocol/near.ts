/** A word this short is near only what is one slip away: two would make `foo` a slip of `fib`. */
const SHORT_WORD = 4;

/** More slips than any two names are apart. A small integer, unlike Infinity, keeps rows compact. */
const FAR = 10_000;

/**
 * The candidate that `word` was most likely meant to be, or `undefined` where none is near: one or
 * two slips away, a slip being a letter left out, added, changed, or swapped with its neighbour.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const maxSlips = word.length <= SHORT_WORD ? 1 : 2;
  const letters = lettersOf(word);
  let best: string | undefined;
  let fewest = maxSlips + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= fewest) continue;
    // Keep this before the count of slips: who asks for what is not there must not cost much.
    if (countBits(letters ^ lettersOf(candidate)) > 2 * maxSlips) continue;
    const slips = slipsBetween(word, candidate);
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
}

/** The set of a word's letters: a slip takes one out at most, and puts one in. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let i = 0; i < word.length; i++) letters |= 1 << (word.charCodeAt(i) & 31);
  return letters;
}

function countBits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * The Damerau-Levenshtein distance (optimal string alignment) of two words: the fewest slips that
 * make one of the other. Its time is the product of their lengths.
 */
export function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = cell(last, j - 1) + (isSame(a, i - 1, b, j - 1) ? 0 : 1);
      const leftOut = Math.min(cell(last, j), cell(row, j - 1)) + 1;
      const isSwap = isSame(a, i - 1, b, j - 2) && isSame(a, i - 2, b, j - 1);
      const swapped = isSwap ? cell(beforeLast, j - 2) + 1 : FAR;
      row.push(Math.min(changed, leftOut, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return cell(last, b.length);
}

/** Whether two characters are there, and the same: beyond a word there is NaN. */
function isSame(a: string, i: number, b: string, j: number): boolean {
  return a.charCodeAt(i) === b.charCodeAt(j);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? FAR;
}
