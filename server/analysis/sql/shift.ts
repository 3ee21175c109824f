/** Results that were made relative to a piece of text, put where the piece stands in its file. */

/** A copy with every host offset moved: spans and the host side of segments, wherever they stand. */
export function shift<T>(value: T, by: number): T {
  return by === 0 ? value : (moved(value, by) as T);
}

function moved(value: unknown, by: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const length = value.length;
    if (length === 0) return value;
    const copy = new Array(length);
    for (let index = 0; index < length; index++) copy[index] = moved(value[index], by);
    return copy;
  }
  const from = value as Record<string, unknown>;
  const { start, end } = from as { start?: unknown; end?: unknown };
  if (typeof start === 'number' && typeof end === 'number') return { start: start + by, end: end + by };
  // Copied whole first: that keeps the object's shape, which is several times faster than key by key.
  const copy: Record<string, unknown> = { ...from };
  for (const key in copy) {
    const one = copy[key];
    if (typeof one === 'object') {
      if (one !== null) copy[key] = moved(one, by);
    } else if (typeof one === 'number' && (key === 'hostStart' || key === 'hostEnd')) copy[key] = one + by;
  }
  return copy;
}
