/** Values of a file that somebody may have edited: taken for what they are said to be only after a look. */

/** What is wrong with a snapshot, in one sentence without its full stop. */
export class SnapshotError extends Error {}

export const invalid = (path: string, wanted: string): SnapshotError =>
  new SnapshotError(`has no valid ${path} (it must be ${wanted}): write it anew with \`tunelens stats URL\``);

export interface Fields {
  readonly value: Readonly<Record<string, unknown>>;
  text(key: string): string;
  optionalText(key: string): string | undefined;
  /** A finite number, at least `least`. */
  number(key: string, least: number): number;
  optionalNumber(key: string, least: number): number | undefined;
  flag(key: string): boolean;
  list(key: string): readonly unknown[];
  object(key: string): Fields;
  objects(key: string): readonly Fields[];
}

/** JSON's numbers end here, and a table with more rows than stars in a galaxy is a slip of the pen. */
const most = 1e15;

/** `place`: the path to it in the file, empty for the file itself. Throws SnapshotError for anything that is not an object. */
export function fieldsOf(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw place === '' ? new SnapshotError('is no snapshot: write one with `tunelens stats URL`') : invalid(place, 'an object');
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const at = (key: string): string => (place === '' ? key : `${place}.${key}`);
  const get = (key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  const number = (key: string, least: number): number => {
    const found = get(key);
    if (typeof found !== 'number' || !Number.isFinite(found) || found < least || found > most)
      throw invalid(at(key), `a number from ${least} on`);
    return found;
  };
  const text = (key: string): string => {
    const found = get(key);
    if (typeof found !== 'string') throw invalid(at(key), 'a text');
    return found;
  };
  const list = (key: string): readonly unknown[] => {
    const found = get(key);
    if (!Array.isArray(found)) throw invalid(at(key), 'a list');
    return found;
  };
  return {
    value: fields,
    text,
    optionalText: (key) => (get(key) === undefined ? undefined : text(key)),
    number,
    optionalNumber: (key, least) => (get(key) === undefined ? undefined : number(key, least)),
    flag(key) {
      const found = get(key);
      if (typeof found !== 'boolean') throw invalid(at(key), 'true or false');
      return found;
    },
    list,
    object: (key) => fieldsOf(get(key), at(key)),
    objects: (key) => list(key).map((entry, index) => fieldsOf(entry, `${at(key)}[${index}]`)),
  };
}
