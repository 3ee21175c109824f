/** Documents of closed files: what is looked at file by file is unpacked while it is looked at, and let go again. */
import type { Document } from '../analysis/document.ts';
import { type Packed, pack, unpack } from './packed.ts';

/** What is asked for together: calls and loops when a file is judged, functions also when a call from another file leads to it. */
type Code = Pick<Document, 'calls' | 'loops' | 'reads'>;
type Scopes = Pick<Document, 'functions' | 'lineStarts'>;
/** A document without its heavy lists, and those in a few bytes. Crosses threads; the `bytes` may be handed over. */
export interface SlimDocument {
  readonly light: Omit<Document, keyof Code | keyof Scopes>;
  readonly code: Packed;
  readonly scopes: Packed;
}

export function slim(document: Document): SlimDocument {
  const { calls, loops, reads, functions, lineStarts, ...light } = document;
  return { light, code: pack({ calls, loops, reads } satisfies Code), scopes: pack({ functions, lineStarts } satisfies Scopes) };
}

/** The document again; its heavy lists are read from the bytes when they are asked for. */
export function unslim({ light, code, scopes }: SlimDocument): Document {
  return {
    ...light,
    get calls() {
      return codeOf(code).calls;
    },
    get loops() {
      return codeOf(code).loops;
    },
    get reads() {
      return codeOf(code).reads;
    },
    get functions() {
      return scopesOf(scopes).functions;
    },
    get lineStarts() {
      return scopesOf(scopes).lineStarts;
    },
  };
}

/** Unpacked at the same time: the files that are being looked at, and those that their calls lead to. Some 20 MB. */
const codeOf = createUnpacked<Code>(64);
const scopesOf = createUnpacked<Scopes>(256);

function createUnpacked<Value>(most: number): (packed: Packed) => Value {
  const unpacked = new Map<Packed, Value>();
  /** A loop over one document's calls asks for them at each turn. */
  let last: { readonly packed: Packed; readonly value: Value } | undefined;
  return (packed) => {
    if (last?.packed === packed) return last.value;
    let value = unpacked.get(packed);
    // Re-inserted, so that a Map's insertion order is the order of use.
    if (value !== undefined) unpacked.delete(packed);
    else value = unpack(packed) as Value;
    unpacked.set(packed, value);
    last = { packed, value };
    for (const oldest of unpacked.keys()) {
      if (unpacked.size <= most) break;
      unpacked.delete(oldest);
    }
    return value;
  };
}
