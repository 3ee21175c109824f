/** Which of a project's declaring files count, and in which order. */
import type { SchemaTool } from './declaration.ts';
import type { DeclaringFile } from './fold.ts';

export interface OrderedFiles {
  /** What the database went through, or was written down as. */
  readonly migrations: readonly DeclaringFile[];
  /** What the code wants. */
  readonly models: readonly DeclaringFile[];
}

export function inOrder(files: readonly DeclaringFile[]): OrderedFiles {
  const migrations: DeclaringFile[] = [];
  const models: DeclaringFile[] = [];
  const byTool = Map.groupBy(files, ({ declares }) => declares.tool);
  for (const [tool, own] of [...byTool].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const sorted = [...own].sort((left, right) => compare(left.path, right.path));
    const snapshots = sorted.filter(({ declares }) => declares.form === 'snapshot');
    // What a tool wrote down is the sum of its migrations.
    migrations.push(
      ...(snapshots.length > 0
        ? snapshots
        : sequence(
            tool,
            sorted.filter(({ declares }) => declares.form === 'migration'),
          )),
    );
    models.push(...sorted.filter(({ declares }) => declares.form === 'model' || declares.form === 'configuration'));
  }
  return { migrations, models };
}

function sequence(tool: SchemaTool, files: readonly DeclaringFile[]): readonly DeclaringFile[] {
  if (tool === 'alembic' || tool === 'django') return byNeed(files);
  return [...files].sort((left, right) => compare(baseName(left.path), baseName(right.path)));
}

/** After those that a file follows; files that follow each other in a circle keep the order of their paths. */
function byNeed(files: readonly DeclaringFile[]): readonly DeclaringFile[] {
  const byId = new Map<string, DeclaringFile>();
  for (const file of files) if (file.declares.id !== undefined) byId.set(file.declares.id, file);
  // The sum of several migrations stands for each of them.
  const sums = files.filter(({ declares }) => declares.replaces !== undefined);
  for (const sum of sums) for (const id of sum.declares.replaces ?? []) byId.set(id, sum);
  const done = new Set<DeclaringFile>();
  const ordered: DeclaringFile[] = [];
  for (const first of files) {
    if (byId.get(first.declares.id ?? '') !== first && first.declares.id !== undefined) continue;
    // A stack of its own: chains are as long as a repository is old.
    const open: { readonly file: DeclaringFile; next: number }[] = [];
    const enter = (file: DeclaringFile) => {
      if (done.has(file)) return;
      done.add(file);
      open.push({ file, next: 0 });
    };
    enter(first);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const needed = top.file.declares.follows?.[top.next++];
      if (needed === undefined) {
        ordered.push(top.file);
        open.pop();
        continue;
      }
      const other = byId.get(needed);
      if (other !== undefined) enter(other);
    }
  }
  return ordered;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
