/** Facts that span the workspace: worked out once for each state of its documents, and carried over a keystroke where they can be. */
import { buildCallFacts } from '../analysis/calls/reach.ts';
import type { Document } from '../analysis/document.ts';
import type { CallFacts, FactTypes } from '../analysis/facts.ts';
import { type Databases, groupDatabases } from './databases.ts';
import type { Configuration } from './project.ts';

export interface WorkspaceFactsOptions {
  readonly configuration: (path: string) => Configuration;
  readonly projectRoot: (path: string) => string;
  readonly top: (path: string) => string;
}
export interface WorkspaceFacts {
  databases(documents: readonly Document[]): Databases;
  /** `current` is false where they are from before the last keystroke. */
  calls(documents: readonly Document[], engines: boolean): { readonly calls: CallFacts; readonly current: boolean };
  settings(documents: readonly Document[]): FactTypes['workspaceSettings'];
  /** What the settings files say of databases changed. */
  forget(): void;
}

/** Milliseconds that a fact about the whole workspace may cost with each keystroke: a quarter of a frame at 60 Hz. */
const KEYSTROKE = 4;

export function createWorkspaceFacts(options: WorkspaceFactsOptions): WorkspaceFacts {
  // Worked out once for each state of the documents: the list is a new one whenever a document changed.
  let grouped: { readonly documents: readonly Document[]; readonly databases: Databases } | undefined;
  const databases = (documents: readonly Document[]): Databases => {
    if (grouped !== undefined && grouped.documents !== documents && exchanged(grouped.databases, grouped.documents, documents)) {
      grouped = { documents, databases: grouped.databases };
    }
    if (grouped?.documents !== documents) {
      const fresh = groupDatabases(documents, {
        projectRoot: options.projectRoot,
        top: options.top,
        assumedRows: (path) => options.configuration(`${path}/tunelens.toml`).assumedRows,
      });
      grouped = { documents, databases: fresh };
    }
    return grouped.databases;
  };
  let reached: { readonly documents: readonly Document[]; readonly calls: CallFacts; readonly took: number } | undefined;
  /** Where building them takes long, a keystroke makes do with those from before it, and is not complete. */
  const calls = (documents: readonly Document[], engines: boolean): { readonly calls: CallFacts; readonly current: boolean } => {
    if (reached !== undefined && reached.documents !== documents && !engines && reached.took > KEYSTROKE) {
      return { calls: reached.calls, current: false };
    }
    if (reached?.documents !== documents) {
      const started = performance.now();
      const fresh = buildCallFacts(documents);
      reached = { documents, calls: fresh, took: performance.now() - started };
    }
    return { calls: reached.calls, current: true };
  };
  let written: { readonly documents: readonly Document[]; readonly settings: FactTypes['workspaceSettings'] } | undefined;
  const settings = (documents: readonly Document[]): FactTypes['workspaceSettings'] => {
    if (written?.documents !== documents) {
      // A guide's snippets set nothing: only what stands in the files themselves counts.
      const found = documents.flatMap(({ path, settings: own }) => own.map((setting) => ({ path, setting })));
      written = { documents, settings: found };
    }
    return written.settings;
  };

  return {
    databases,
    calls,
    settings,
    forget() {
      grouped = undefined;
    },
  };
}

/** A keystroke exchanges one document of thousands; only then is looking for the difference worth it. */
function exchanged(databases: Databases, before: readonly Document[], after: readonly Document[]): boolean {
  if (before.length !== after.length) return false;
  const changes: (readonly [Document, Document])[] = [];
  for (const [index, document] of before.entries()) {
    const next = after[index];
    if (next === document) continue;
    if (next?.path !== document.path || changes.length === 4) return false;
    changes.push([document, next]);
  }
  return changes.every(([old, next]) => databases.exchange(old, next));
}
