/** How many pages an index takes as CREATE INDEX leaves it. Pure arithmetic, from PostgreSQL's own page layout (nbtsort.c, nbtdedup.c, itup.h). */

/** `BLCKSZ`, less the page's header and the 16 bytes at the end of a page of a B-tree. */
const pageSize = 8192;
const room = pageSize - 24 - 16;
/** A leaf is closed when less than 10 % of the page is left (`BTREE_DEFAULT_FILLFACTOR` 90), an inner page at 30 %; each keeps the line pointer of its high key. */
const leafRoom = room - 4 - Math.floor(pageSize * 0.1);
const innerRoom = room - 4 - Math.floor(pageSize * 0.3);
/** A posting list is at most a tenth of the page while an index is built, with its line pointer (`_bt_load`). */
const mostPosting = align(Math.floor(pageSize / 10) - 7) - 8;
const linePointer = 4;
const rowPointer = 6;
/** Above that many rows for a value their exact number says nothing any more: their share of a last, shorter posting list is small. */
const manyRows = 16;

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

export interface IndexShape {
  readonly pages: number;
  /** Levels below the root; 0 when the root is a leaf. */
  readonly height: number;
}

/** Values of an index's key that are equally frequent. */
export interface KeyGroup {
  /** How many different values. */
  readonly values: number;
  /** Rows of each, on average. */
  readonly rows: number;
  /** `even`: every value has them; `random`: they fell where they fell, and some values have none. */
  readonly spread: 'even' | 'random';
}

/**
 * A B-tree over these groups. `tuple`: bytes of one entry, its header of 8 included and aligned to 8 (a mean where entries differ). `deduplicates`: equal
 * keys are kept once with 6 bytes for each of their rows.
 */
export function btreeShape(groups: readonly KeyGroup[], tuple: number, deduplicates: boolean): IndexShape {
  let leaves = 0;
  const add = (items: number, size: number, uniform: boolean): void => {
    // The entry that no longer fits goes to the next page: whole entries where all are of one size, else half of one is lost on average.
    const used = uniform ? Math.max(1, Math.floor(leafRoom / size)) * size : leafRoom - size / 2;
    leaves += (items * size) / used;
  };
  const perPosting = Math.max(2, Math.floor((mostPosting - tuple) / rowPointer));
  const single = tuple + linePointer;
  const whole = Number.isInteger(tuple / 8);
  for (const group of groups) {
    if (!deduplicates) {
      add(group.values * group.rows, single, whole);
      continue;
    }
    for (const [count, values] of sizesOf(group)) {
      const full = Math.floor(count / perPosting);
      if (full > 0) add(values * full, align(tuple + perPosting * rowPointer) + linePointer, true);
      const rest = count - full * perPosting;
      if (rest > 0) add(values, rest <= 1 ? single : align(tuple + rest * rowPointer) + linePointer, rest <= 1 && whole);
    }
  }
  return stack(Math.max(1, Math.ceil(leaves)), align(tuple) + linePointer);
}

/** How many rows a value has, and how many values have so many. */
function sizesOf({ values, rows, spread }: KeyGroup): readonly (readonly [count: number, values: number])[] {
  if (rows <= 0 || values <= 0) return [];
  if (rows > manyRows) return [[Math.round(rows), values]];
  // An even spread of a mean that is no whole number is one over values that have at least one row.
  const mean = spread === 'random' ? rows : trueMean(rows);
  if (spread === 'even' && (Number.isInteger(rows) || mean === undefined)) return [[Math.max(1, Math.round(rows)), values]];
  const lambda = mean ?? rows;
  const present = spread === 'random' ? 1 : 1 - Math.exp(-lambda);
  const sizes: [number, number][] = [];
  let probability = Math.exp(-lambda);
  for (let count = 1; count <= manyRows * 3; count++) {
    probability *= lambda / count;
    sizes.push([count, (values * probability) / present]);
  }
  return sizes;
}

/** The Poisson mean whose values that occur at all occur `rows` times on average; undefined where each occurs once. */
function trueMean(rows: number): number | undefined {
  if (rows <= 1.0001) return undefined;
  let mean = rows;
  for (let step = 0; step < 60; step++) mean = rows * (1 - Math.exp(-mean));
  return mean;
}

/** The levels above the leaves, and the first page, which tells where the root is. */
function stack(leaves: number, pivot: number): IndexShape {
  const fanout = Math.max(2, Math.floor(innerRoom / pivot));
  let pages = leaves + 1;
  let height = 0;
  for (let level = leaves; level > 1; ) {
    level = Math.ceil(level / fanout);
    pages += level;
    height++;
  }
  return { pages, height };
}

/** Height of a B-tree of that many pages, almost all of which are leaves. `tuple` as in `btreeShape`. */
export function btreeHeight(pages: number, tuple: number): number {
  return stack(Math.max(1, pages - 1), align(tuple) + linePointer).height;
}

/** BRIN: a summary of two values for each 128 pages of the table, its map of 1,360 places a page, and the first page. */
export function brinPages(tablePages: number, keyBytes: number): number {
  const summaries = Math.max(1, Math.ceil(tablePages / 128));
  const summary = align(8 + 2 * keyBytes) + linePointer;
  return 1 + Math.ceil(summaries / 1360) + Math.ceil(summaries / Math.max(1, Math.floor((pageSize - 24) / summary)));
}

/**
 * GIN: each different element once with the rows that hold it. A row's place is kept as its distance from the one before, 7 bits a byte: one byte where an
 * element is in most pages, two or three where it is rare. Lists of more than 384 bytes go into pages of their own.
 */
export function ginPages(rows: number, elementsPerRow: number, differentElements: number, elementBytes: number): number {
  const places = rows * elementsPerRow;
  const each = Math.max(1, places / Math.max(1, differentElements));
  // Rows are numbered by page and place (11 bits for it): the mean distance in those numbers.
  const distance = Math.max(1, (rows / each) * 20);
  const bytes = places * Math.max(1, Math.log2(distance) / 7 + 0.3) + differentElements * (align(8 + elementBytes) + linePointer);
  return 2 + Math.ceil(bytes / (room * 0.85));
}

/** GiST and SP-GiST: built by insertion or sorting, their pages between half and wholly full. */
export function gistPages(rows: number, keyBytes: number): number {
  const size = align(8 + keyBytes) + linePointer;
  const leaves = Math.max(1, Math.ceil((rows * size) / (room * 0.75)));
  return leaves + Math.ceil(leaves / Math.max(2, Math.floor((room * 0.75) / size)));
}

/** Hash: 20 bytes an entry, buckets filled to 75 % and doubled in steps, so that a tenth more is in use on average. */
export function hashPages(rows: number): number {
  return 3 + Math.ceil(((rows * 20) / (room * 0.75)) * 1.1);
}
