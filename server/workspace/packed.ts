/**
 * Plain data in a few bytes: a call with its arguments takes some 90 bytes instead of 900, so that a
 * repository of thousands of files can be kept. Undefined fields are kept, cycles are not allowed.
 */

export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Every different string once, one after the other. */
  readonly text: string;
}

// A value is one variable-length number: its lowest three bits say what it is, the rest how much of it follows.
const SPECIAL = 0;
const INTEGER = 1;
const STRING = 2;
const ARRAY = 3;
const OBJECT = 4;
const SHAPE = 5;
const FLOAT = 6;
const specials = [undefined, null, true, false] as const;
/** The tag takes three bits of the 31 that shifts can handle, the sign of a difference one. */
const largestInteger = 2 ** 26 - 1;
/** Small for small differences of either sign. */
const folded = (difference: number): number => (difference < 0 ? -2 * difference - 1 : 2 * difference);
const unfolded = (payload: number): number => ((payload & 1) === 1 ? -(payload + 1) / 2 : payload / 2);

export function pack(value: unknown): Packed {
  let bytes = new Uint8Array(1024);
  let length = 0;
  const strings = new Map<string, number>();
  const shapes = new Map<string, number>();
  // An offset is written as its distance from the last one of the same name: most take one byte instead of three.
  const last = new Map<string, number>();
  const room = (more: number) => {
    if (length + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, length + more));
    larger.set(bytes);
    bytes = larger;
  };
  const number = (value: number) => {
    room(5);
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes[length++] = (rest & 127) | 128;
    bytes[length++] = rest;
  };
  const tagged = (tag: number, payload: number) => number((payload << 3) | tag);
  const string = (text: string): number => {
    let index = strings.get(text);
    if (index === undefined) {
      index = strings.size;
      strings.set(text, index);
    }
    return index;
  };
  const write = (item: unknown, name: string): void => {
    const special = specials.indexOf(item as undefined);
    if (special >= 0) tagged(SPECIAL, special);
    else if (typeof item === 'string') tagged(STRING, string(item));
    else if (typeof item === 'number') {
      if (Number.isInteger(item) && item >= 0 && item <= largestInteger && !Object.is(item, -0)) {
        tagged(INTEGER, folded(item - (last.get(name) ?? 0)));
        last.set(name, item);
      } else {
        tagged(FLOAT, 0);
        room(8);
        new DataView(bytes.buffer).setFloat64(length, item);
        length += 8;
      }
    } else if (Array.isArray(item)) {
      tagged(ARRAY, item.length);
      for (const inner of item) write(inner, '');
    } else {
      const entries = Object.entries(item as object);
      const key = JSON.stringify(entries.map(([name]) => name));
      const shape = shapes.get(key);
      if (shape === undefined) {
        shapes.set(key, shapes.size);
        tagged(SHAPE, entries.length);
        for (const [name] of entries) number(string(name));
      } else tagged(OBJECT, shape);
      for (const [key, inner] of entries) write(inner, key);
    }
  };
  write(value, '');
  const end = length;
  for (const text of strings.keys()) number(text.length);
  // The string table's place and size stand at the end, where the reader looks first.
  room(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(length, end);
  view.setUint32(length + 4, strings.size);
  return { bytes: bytes.slice(0, length + 8), text: [...strings.keys()].join('') };
}

export function unpack({ bytes, text }: Packed): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = view.getUint32(bytes.length - 8);
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  const strings: string[] = [];
  let from = 0;
  for (let left = view.getUint32(bytes.length - 4); left > 0; left--) {
    const length = number();
    strings.push(text.slice(from, from + length));
    from += length;
  }
  const shapes: (readonly string[])[] = [];
  const last = new Map<string, number>();
  const read = (name: string): unknown => {
    const head = number();
    const payload = head >>> 3;
    switch (head & 7) {
      case SPECIAL:
        return specials[payload];
      case INTEGER: {
        const value = (last.get(name) ?? 0) + unfolded(payload);
        last.set(name, value);
        return value;
      }
      case STRING:
        return strings[payload];
      case FLOAT:
        at += 8;
        return view.getFloat64(at - 8);
      case ARRAY: {
        const items: unknown[] = [];
        for (let left = payload; left > 0; left--) items.push(read(''));
        return items;
      }
      default: {
        const known = (head & 7) === OBJECT ? shapes[payload] : undefined;
        const names = known ?? Array.from({ length: payload }, () => strings[number()] ?? '');
        if (known === undefined) shapes.push(names);
        const object: Record<string, unknown> = {};
        for (const key of names) object[key] = read(key);
        return object;
      }
    }
  };
  at = 0;
  return read('');
}
