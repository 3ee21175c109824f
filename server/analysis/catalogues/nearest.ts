/** "Did you mean": the known name a misspelt one was meant to be. */

/**
 * The nearest of the names, or undefined where none is near enough to be sure: one slip in names up to
 * five letters, two up to eleven, three beyond, or the same letters with other separators. A swap of
 * neighbours counts as one slip. Two names equally near give none.
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const bare = squeeze(written);
  const limit = bare.length <= 5 ? 1 : bare.length <= 11 ? 2 : 3;
  let best: string | undefined;
  let distance = limit + 1;
  for (const name of names) {
    const candidate = squeeze(name);
    if (Math.abs(candidate.length - bare.length) > limit) continue;
    const slips = candidate === bare ? 0 : editDistance(bare, candidate, limit);
    if (slips > limit || slips > distance) continue;
    if (slips === distance && best !== undefined) {
      // As near as the one before: keep it only while it shares the first letters.
      if (sharedStart(bare, candidate) > sharedStart(bare, squeeze(best))) best = name;
      continue;
    }
    best = name;
    distance = slips;
  }
  return best;
}

function squeeze(name: string): string {
  return name.toLowerCase().replace(/[_\-.\s]/g, '');
}

function sharedStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

/** Optimal string alignment distance, given up past `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (older[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    older = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}
