/** Rails: Ruby classes under `db/migrate`, named by the time. */
import type { ScriptFix } from '../fix.ts';
import { readCreateIndex, type WrittenIndex } from './create-index.ts';
import { nextNumber, parseNumbered } from './numbering.ts';
import type { MigrationTool } from './style.ts';

const version = /<\s*ActiveRecord::Migration(\[[\d.]+\])?/;

export const rails: MigrationTool = {
  id: 'rails',
  recognise(folder) {
    const files = folder.files.filter((file) => /^\d{14}_\w+\.rb$/.test(file.name) && version.test(file.text));
    const last = files.at(-1);
    return last && { names: files.map((file) => file.name), sample: last };
  },
  write(style, script, now) {
    const numbers = style.detail.names.flatMap((name) => parseNumbered(name)?.number ?? []);
    const index = readCreateIndex(script.text);
    const simple = index !== undefined && script.text.trim().split(';').filter(Boolean).length === 1;
    const text = `class ${camel(script.name)} < ActiveRecord::Migration${version.exec(style.detail.sample?.text ?? '')?.[1] ?? '[7.0]'}
${script.outsideTransaction ? '  # CONCURRENTLY refuses to work in a transaction.\n  disable_ddl_transaction!\n\n' : ''}${simple ? change(index) : upAndDown(script)}end
`;
    return [{ path: `${style.folder}/${nextNumber(numbers, now)}_${script.name}.rb`, text }];
  },
};

const camel = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
const string = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('#{', '\\#{')}"`;
/** A symbol where the name can be one. */
const symbol = (name: string): string => (/^[a-z_]\w*$/i.test(name) ? `:${name}` : string(name));

function change(index: WrittenIndex): string {
  const plain = index.terms.every((term) => term.column !== undefined);
  const names = index.terms.map((term) => symbol(term.column ?? ''));
  // Expressions are one text, whatever stands beside them.
  const columns = !plain ? string(index.terms.map(({ text }) => text).join(', ')) : names.length === 1 ? names[0] : `[${names.join(', ')}]`;
  const order = plain ? index.terms.filter(({ descending }) => descending).map((term) => `${term.column}: :desc`) : [];
  const options = [
    `name: ${string(index.name)}`,
    ...(index.unique ? ['unique: true'] : []),
    ...(order.length > 0 ? [`order: { ${order.join(', ')} }`] : []),
    ...(index.method !== undefined && index.method.toLowerCase() !== 'btree' ? [`using: :${index.method.toLowerCase()}`] : []),
    ...(index.include.length > 0 ? [`include: [${index.include.map(symbol).join(', ')}]`] : []),
    ...(index.where !== undefined ? [`where: ${string(index.where)}`] : []),
    ...(index.concurrently ? ['algorithm: :concurrently'] : []),
  ];
  return `  def change\n    add_index ${symbol(index.table)}, ${columns}, ${options.join(', ')}\n  end\n`;
}

function upAndDown(script: ScriptFix): string {
  const method = (name: string, sql: string): string =>
    `  def ${name}\n    execute <<~'SQL'\n${sql.trim().replace(/^/gm, '      ')}\n    SQL\n  end\n`;
  return `${method('up', script.text)}\n${method('down', script.down)}`;
}
