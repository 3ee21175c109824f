/** Documents of closed files: what is looked at file by file is unpacked while it is looked at, and let go again. */
import type { Document, Query } from '../analysis/document.ts';
import type { Statement } from '../analysis/sql/statement.ts';
import { type Packed, pack, unpack } from './packed.ts';
import { isData } from './relations.ts';

/** What is asked for together: calls and loops when a file is judged, functions also when a call from another file leads to it. */
type Code = Pick<Document, 'calls' | 'loops' | 'reads'>;
type Scopes = Pick<Document, 'functions' | 'lineStarts'>;
/** A document without its heavy lists, and those in a few bytes. Crosses threads; the `bytes` may be handed over. */
export interface SlimDocument {
  readonly light: Omit<Document, keyof Code | keyof Scopes | 'queries'>;
  readonly queries: readonly (Query | Omit<Query, 'statement'>)[];
  readonly code: Packed;
  readonly scopes: Packed;
  /** Of the queries that have none, in their order; absent where all have one. */
  readonly statements?: Packed | undefined;
}

export function slim(document: Document): SlimDocument {
  const { calls, loops, reads, functions, lineStarts, queries, ...light } = document;
  // What reads and writes rows is looked at with its own file; what builds the schema, and is far less, from everywhere.
  const data = queries.filter(isData);
  return {
    light,
    queries: queries.map((query) => (isData(query) ? withoutStatement(query) : query)),
    code: pack({ calls, loops, reads } satisfies Code),
    scopes: pack({ functions, lineStarts } satisfies Scopes),
    statements: data.length === 0 ? undefined : pack(data.map(({ statement }) => statement)),
  };
}

const withoutStatement = ({ statement: _, ...query }: Query): Omit<Query, 'statement'> => query;

/** The bytes may be handed over to another thread. */
export function buffersOf({ code, scopes, statements }: SlimDocument): ArrayBuffer[] {
  return [code, scopes, statements].flatMap((packed) => (packed === undefined ? [] : [packed.bytes.buffer]));
}

const packedCode = Symbol('packed code');
const packedScopes = Symbol('packed scopes');
const packedStatements = Symbol('packed statements');
const place = Symbol('place in the packed statements');

/** The same getters for every object: getters of its own would take each half a kilobyte more. */
const ofDocument = {
  calls: getter(({ [packedCode]: code }: { [packedCode]: Packed }) => codeOf(code).calls),
  loops: getter(({ [packedCode]: code }: { [packedCode]: Packed }) => codeOf(code).loops),
  reads: getter(({ [packedCode]: code }: { [packedCode]: Packed }) => codeOf(code).reads),
  functions: getter(({ [packedScopes]: scopes }: { [packedScopes]: Packed }) => scopesOf(scopes).functions),
  lineStarts: getter(({ [packedScopes]: scopes }: { [packedScopes]: Packed }) => scopesOf(scopes).lineStarts),
};
const ofQuery = {
  statement: getter((query: { [packedStatements]: Packed; [place]: number }) => statementsOf(query[packedStatements])[query[place]]),
};
function getter<Holder>(get: (holder: Holder) => unknown): PropertyDescriptor {
  return {
    enumerable: true,
    get(this: Holder) {
      return get(this);
    },
  };
}

/** Bytes of many documents side by side: a buffer of its own for each, allocated by a thread that has ended, would leave the memory in holes. */
const SLAB = 256 * 1024;
let slab = new Uint8Array(0);
let used = 0;
function settled({ bytes, text }: Packed): Packed {
  if (bytes.length > SLAB / 4) return { bytes: bytes.slice(), text };
  if (used + bytes.length > slab.length) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const own = slab.subarray(used, used + bytes.length);
  own.set(bytes);
  used += bytes.length;
  return { bytes: own, text };
}

/** The document again; what was packed is read from the bytes when it is asked for. */
export function unslim(slim: SlimDocument): Document {
  const { light, queries } = slim;
  const code = settled(slim.code);
  const scopes = settled(slim.scopes);
  const statements = slim.statements && settled(slim.statements);
  let data = 0;
  const document: object = {
    ...light,
    queries: queries.map((query) =>
      'statement' in query
        ? query
        : Object.defineProperties(query, { [packedStatements]: { value: statements }, [place]: { value: data++ }, ...ofQuery }),
    ),
  };
  Object.defineProperties(document, { [packedCode]: { value: code }, [packedScopes]: { value: scopes }, ...ofDocument });
  return document as Document;
}

/** Unpacked at the same time: the files that are being looked at, and those that their calls lead to. Some 5 MB. */
const codeOf = createUnpacked<Code>(48);
const scopesOf = createUnpacked<Scopes>(128);
const statementsOf = createUnpacked<readonly Statement[]>(64);

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
