/** Alembic: Python files chained by `revision` and `down_revision`. */
import type { ScriptFix } from '../fix.ts';
import { readCreateIndex, type WrittenIndex } from './create-index.ts';
import { nextNumber } from './numbering.ts';
import { pythonList, pythonString, pythonText } from './python-text.ts';
import type { Folder, MigrationStyle, MigrationTool } from './style.ts';

const revisionLine = /^revision\s*(?::[^=\n]+)?=\s*["']([^"']+)["']/m;
const downLine = /^down_revision\s*(?::[^=\n]+)?=\s*(.+(?:\n[ \t)].*)*)/m;

export const alembic: MigrationTool = {
  id: 'alembic',
  recognise(folder) {
    const revisions = readRevisions(folder);
    const followed = new Set(revisions.flatMap((entry) => entry.follows));
    const heads = revisions.filter((entry) => !followed.has(entry.revision));
    // With several heads the newest one is the branch that people work on.
    const head = heads.sort((left, right) => (left.created < right.created ? -1 : left.created > right.created ? 1 : 0)).at(-1);
    if (head === undefined) return undefined;
    return { names: revisions.map((entry) => entry.revision), previous: head.revision, sample: { name: head.name, text: head.text } };
  },
  write(style, script, now) {
    const { previous = '', sample } = style.detail;
    const revision = newRevision(style, script, now);
    return [
      {
        path: `${style.folder}/${fileName(revision, previous, sample?.name ?? '', script, now)}`,
        text: text(style, script, revision, now),
      },
    ];
  },
};

function readRevisions(folder: Folder) {
  return folder.files.flatMap((file) => {
    if (!file.name.endsWith('.py')) return [];
    const revision = revisionLine.exec(file.text)?.[1];
    const down = downLine.exec(file.text)?.[1];
    if (revision === undefined || down === undefined) return [];
    const follows = [...down.matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? '');
    const created = /^Create Date:\s*(.+)$/m.exec(file.text)?.[1] ?? '';
    return [{ ...file, revision, follows, created }];
  });
}

/** Counted where the repository counts its revisions; otherwise twelve hexadecimal digits like Alembic's own, told by name and time. */
function newRevision(style: MigrationStyle, script: ScriptFix, now: Date): string {
  const numbers = style.detail.names.filter((name) => /^\d{1,6}$/.test(name));
  if (numbers.length > 0 && numbers.includes(style.detail.previous ?? '')) return nextNumber(numbers, now);
  const seed = `${style.detail.previous}/${script.name}/${now.toISOString()}`;
  return (hash(seed) + hash(`${seed}/`)).slice(0, 12);
}

/** FNV-1a over UTF-16 units, as eight hexadecimal digits: enough to tell revisions of one repository apart. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}

/** The file name in the manner of the newest one: `2026_01_31_1200-<revision>_<name>.py`, `<revision>_<name>.py`. */
function fileName(revision: string, previous: string, sample: string, script: ScriptFix, now: Date): string {
  const at = sample.indexOf(previous);
  const prefix = at > 0 ? sample.slice(0, at) : '';
  const digits = prefix.replace(/\D/g, '');
  if (![8, 12, 14].includes(digits.length)) return `${revision}_${script.name}.py`;
  const stamp = now.toISOString().replace(/\D/g, '');
  let next = 0;
  return `${prefix.replace(/\d/g, () => stamp[next++] ?? '0')}${revision}_${script.name}.py`;
}

function text(style: MigrationStyle, script: ScriptFix, revision: string, now: Date): string {
  const index = readCreateIndex(script.text);
  const concurrent = script.outsideTransaction;
  const up = index === undefined ? `op.execute(${pythonText(script.text)})` : createIndex(index, style);
  const down =
    index === undefined
      ? `op.execute(${pythonText(script.down)})`
      : `op.drop_index(${pythonString(index.name)}, table_name=${pythonString(index.table)}${concurrent ? ', postgresql_concurrently=True' : ''})`;
  const body = (statement: string) =>
    concurrent
      ? `    # CONCURRENTLY refuses to work in a transaction.\n    with op.get_context().autocommit_block():\n        ${statement.replaceAll('\n', '\n    ')}`
      : `    ${statement}`;
  const typed = /^revision\s*:\s*str\b/m.test(style.detail.sample?.text ?? '');
  const hint = typed ? ': str' : '';
  const needsSa = /\bsa\./.test(up);
  const words = script.name.replaceAll('_', ' ');
  return `"""${words}

Revision ID: ${revision}
Revises: ${style.detail.previous}
Create Date: ${now.toISOString().replace('T', ' ').replace('Z', '000')}
"""
from alembic import op
${needsSa ? 'import sqlalchemy as sa\n' : ''}
revision${hint} = ${pythonString(revision)}
down_revision${hint} = ${pythonString(style.detail.previous ?? '')}
branch_labels = None
depends_on = None


def upgrade()${typed ? ' -> None' : ''}:
${index === undefined ? '' : '    # Declare the index on the model as well, or autogenerate will propose to drop it.\n'}${body(up)}


def downgrade()${typed ? ' -> None' : ''}:
${body(down)}
`;
}

function createIndex(index: WrittenIndex, style: MigrationStyle): string {
  const terms = index.terms.map((term) =>
    term.column !== undefined && !term.descending ? pythonString(term.column) : `sa.text(${pythonString(term.text)})`,
  );
  const options = [
    `unique=${index.unique ? 'True' : 'False'}`,
    ...(index.method !== undefined && index.method.toLowerCase() !== 'btree' ? [`postgresql_using=${pythonString(index.method)}`] : []),
    ...(index.include.length > 0 ? [`postgresql_include=${pythonList(index.include)}`] : []),
    ...(index.where !== undefined
      ? [`${style.engine === 'sqlite' ? 'sqlite' : 'postgresql'}_where=sa.text(${pythonString(index.where)})`]
      : []),
    ...(index.concurrently ? ['postgresql_concurrently=True'] : []),
  ];
  const inner = [pythonString(index.name), pythonString(index.table), `[${terms.join(', ')}]`, ...options];
  return `op.create_index(\n${inner.map((line) => `        ${line},\n`).join('')}    )`;
}
