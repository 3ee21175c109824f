/** Documents of closed files: what is looked at file by file is unpacked while it is looked at, and let go again. */
import type { Document } from '../analysis/document.ts';
import { type Packed, pack, unpack } from './packed.ts';

type Heavy = Pick<Document, 'calls' | 'loops' | 'reads'>;
/** A document without its heavy lists, and those in a few bytes. Crosses threads; `bytes` may be handed over. */
export interface SlimDocument {
  readonly light: Omit<Document, keyof Heavy>;
  readonly heavy: Packed;
}

/** Unpacked at the same time: the files that are being looked at, and those that their calls lead to. Some 20 MB. */
const UNPACKED = 64;
const unpacked = new Map<Packed, Heavy>();
/** A loop over one document's calls asks for them at each turn. */
let last: { readonly packed: Packed; readonly heavy: Heavy } | undefined;

export function slim(document: Document): SlimDocument {
  const { calls, loops, reads, ...light } = document;
  return { light, heavy: pack({ calls, loops, reads } satisfies Heavy) };
}

/** The document again; `calls`, `loops` and `reads` are read from the bytes when they are asked for. */
export function unslim({ light, heavy }: SlimDocument): Document {
  return {
    ...light,
    get calls() {
      return lists(heavy).calls;
    },
    get loops() {
      return lists(heavy).loops;
    },
    get reads() {
      return lists(heavy).reads;
    },
  };
}

function lists(packed: Packed): Heavy {
  if (last?.packed === packed) return last.heavy;
  let heavy = unpacked.get(packed);
  // Re-inserted, so that a Map's insertion order is the order of use.
  if (heavy !== undefined) unpacked.delete(packed);
  else heavy = unpack(packed) as Heavy;
  unpacked.set(packed, heavy);
  last = { packed, heavy };
  for (const oldest of unpacked.keys()) {
    if (unpacked.size <= UNPACKED) break;
    unpacked.delete(oldest);
  }
  return heavy;
}
