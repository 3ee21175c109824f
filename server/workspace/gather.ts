/** Facts for the subjects of a document: exactly those that the rules name, from the text, an embedded engine or a connection. */
import { factsFor, type Subject, subjectsOf } from '../analysis/analyze.ts';
import type { Document, Query } from '../analysis/document.ts';
import type { FactTypes } from '../analysis/facts.ts';
import type { AnyRule } from '../analysis/rule.ts';
import type { Dialect } from '../analysis/sql/statement.ts';
import { type Connection, EngineError, type Explained } from '../engines/engine.ts';
import type { Configuration, Unchecked } from './project.ts';

export interface GathererOptions {
  readonly log: (line: string) => void;
  readonly trusted: () => boolean;
  readonly configuration: (path: string) => Configuration;
  /** The folder of the project that a file belongs to. */
  readonly projectRoot: (path: string) => string;
  /** The opened folder that a file stands in. */
  readonly top: (path: string) => string;
  /** Findings may change for a reason outside the files: a connection came or went. */
  readonly onChange: () => void;
}
export interface GatherRequest {
  readonly document: Document;
  readonly rules: readonly AnyRule[];
  /** Every document of the workspace; undefined until all were read. */
  readonly documents: readonly Document[] | undefined;
  /** Those read so far. */
  readonly known: readonly Document[];
  readonly revision: number;
  /** Whether engines may be asked and waited for; otherwise only what they said before is used. */
  readonly engines: boolean;
  readonly signal?: AbortSignal | undefined;
}
export interface Gathered {
  readonly factsOf: (subject: Subject) => Partial<FactTypes>;
  readonly unchecked: readonly string[];
  /** False when an engine has still to be asked. */
  readonly complete: boolean;
}
export interface Gatherer {
  /** The dialects of files that do not tell it themselves. */
  dialects(documents: readonly Document[]): ReadonlyMap<string, Dialect>;
  /** Some document creates a table. */
  holdsSchema(documents: readonly Document[]): boolean;
  gather(request: GatherRequest): Promise<Gathered>;
  explain(
    path: string,
    query: Query,
    documents: readonly Document[],
    revision: number,
    signal?: AbortSignal,
  ): Promise<Explained & { readonly source: string }>;
  connect(url: string, password?: string): Promise<Connection>;
  disconnect(label: string): Promise<void>;
  connections(): readonly Connection[];
  /** What could not be looked at, beyond single files. */
  unchecked(): readonly Unchecked[];
  dispose(): Promise<void>;
}

export function createGatherer(options: GathererOptions): Gatherer {
  return {
    dialects: () => new Map(),
    holdsSchema: () => true,
    async gather({ document, rules, documents }) {
      const shared: Partial<FactTypes> = { target: options.configuration(document.path).target, ...(documents && { documents }) };
      let complete = true;
      for (const subject of subjectsOf(document)) if (factsFor(rules, subject).has('plan')) complete = false;
      return { factsOf: () => shared, unchecked: [], complete };
    },
    async explain() {
      throw new EngineError('unsupported', 'Nothing to explain with');
    },
    async connect() {
      throw new EngineError('unsupported', 'No engine');
    },
    async disconnect() {},
    connections: () => [],
    unchecked: () => [],
    async dispose() {},
  };
}
