/** Results that were made relative to a piece of text, put where the piece stands in its file. */

/** A copy with every host offset moved: spans and the host side of segments, wherever they stand. */
export function shift<T>(value: T, by: number): T {
  return by === 0 ? value : (copied(value, by) as T);
}

/**
 * The copies that the last reading of one file was made of. The next reading moves them in place instead of making them
 * anew: a keystroke then costs no garbage, and a statement that only moved is still the same object, so that what was
 * worked out about it holds. The price: the reading before is given up, its offsets are those of the new text.
 */
export interface Placements {
  /** Called before each reading. */
  begin(): void;
  /** `relative` with its offsets counted from `offset`; each call of one reading gives a copy of its own. */
  place<T extends object>(relative: T, offset: number): T;
  /** Called after each reading: lets go of what it no longer holds. */
  sweep(): void;
}

interface Copy {
  readonly value: object;
  readonly offsets: Offsets;
  at: number;
}
interface Copies {
  readonly all: Copy[];
  used: number;
}
/** Every object of a copy that holds offsets. */
interface Offsets {
  readonly spans: { start: number; end: number }[];
  readonly segments: { hostStart: number; hostEnd: number }[];
}

export function createPlacements(): Placements {
  const known = new Map<object, Copies>();
  return {
    begin() {
      for (const copies of known.values()) copies.used = 0;
    },
    place<T extends object>(relative: T, offset: number): T {
      let copies = known.get(relative);
      if (copies === undefined) {
        copies = { all: [], used: 0 };
        known.set(relative, copies);
      }
      const before = copies.all[copies.used++];
      if (before !== undefined) {
        if (before.at !== offset) move(before.offsets, offset - before.at);
        before.at = offset;
        return before.value as T;
      }
      const offsets: Offsets = { spans: [], segments: [] };
      const value = copied(relative, offset, offsets) as T;
      copies.all.push({ value, offsets, at: offset });
      return value;
    },
    sweep() {
      for (const [relative, copies] of known) {
        if (copies.used === 0) known.delete(relative);
        else copies.all.length = Math.min(copies.all.length, copies.used);
      }
    },
  };
}

function move({ spans, segments }: Offsets, by: number): void {
  for (const span of spans) {
    span.start += by;
    span.end += by;
  }
  for (const segment of segments) {
    segment.hostStart += by;
    segment.hostEnd += by;
  }
}

function copied(value: unknown, by: number, into?: Offsets): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const length = value.length;
    if (length === 0) return value;
    const copy = new Array(length);
    for (let index = 0; index < length; index++) copy[index] = copied(value[index], by, into);
    return copy;
  }
  const from = value as Record<string, unknown>;
  const { start, end } = from as { start?: unknown; end?: unknown };
  if (typeof start === 'number' && typeof end === 'number') {
    const span = { start: start + by, end: end + by };
    into?.spans.push(span);
    return span;
  }
  // Copied whole first: that keeps the object's shape, which is several times faster than key by key.
  const copy: Record<string, unknown> = { ...from };
  for (const key in copy) {
    const one = copy[key];
    if (typeof one === 'object' && one !== null) copy[key] = copied(one, by, into);
  }
  if (typeof copy.hostStart === 'number' && typeof copy.hostEnd === 'number') {
    copy.hostStart += by;
    copy.hostEnd += by;
    into?.segments.push(copy as unknown as Offsets['segments'][number]);
  }
  return copy;
}
