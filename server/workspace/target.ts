/** The machine that is tuned for, as people write it: `memory=32GB,cores=8,storage=nvme,postgres=17,max-connections=200`. */
import type { Target } from '../analysis/facts.ts';

export const targetKeys = ['memory', 'cores', 'storage', 'postgres', 'max-connections'] as const;
export type TargetKey = (typeof targetKeys)[number];

/** One `key=value`; the sentence says what would be right. */
export function targetEntry(key: string, value: string): Partial<Target> | { readonly error: string } {
  switch (key as TargetKey) {
    case 'memory': {
      const bytes = parseBytes(value);
      return bytes === undefined
        ? { error: `memory must be a size such as 512MB or 32GB, not ${JSON.stringify(value)}` }
        : { memoryBytes: bytes };
    }
    case 'cores': {
      const cores = Number(value);
      return Number.isInteger(cores) && cores > 0 ? { cores } : { error: `cores must be a whole number, not ${JSON.stringify(value)}` };
    }
    case 'storage': {
      const storage = value.toLowerCase();
      return storage === 'hdd' || storage === 'ssd' || storage === 'nvme'
        ? { storage }
        : { error: `storage must be hdd, ssd or nvme, not ${JSON.stringify(value)}` };
    }
    case 'postgres': {
      const major = Number.parseInt(value, 10);
      return /^\d{1,2}(\.\d+)*$/.test(value) && major >= 9
        ? { postgresVersion: major }
        : { error: `postgres must be a major version such as 17, not ${JSON.stringify(value)}` };
    }
    case 'max-connections': {
      const count = Number(value);
      return Number.isInteger(count) && count > 0
        ? { maxConnections: count }
        : { error: `max-connections must be a whole number, not ${JSON.stringify(value)}` };
    }
    default:
      return { error: `unknown target key ${JSON.stringify(key)}; known are ${targetKeys.join(', ')}` };
  }
}

/** The whole of `--target`. */
export function parseTarget(text: string): { readonly target: Target } | { readonly error: string } {
  let target: Target = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    if (at < 0) return { error: `${JSON.stringify(part.trim())} has no value; write key=value, as in memory=32GB,cores=8` };
    const entry = targetEntry(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
    if ('error' in entry) return entry as { readonly error: string };
    target = { ...target, ...entry };
  }
  return { target };
}

/** Units of 1024, as databases and memory makers count; `GB`, `GiB`, `G` and `g` are one. Undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text.trim());
  if (match === null) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match[2] ?? '').toLowerCase());
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return bytes > 0 ? bytes : undefined;
}
