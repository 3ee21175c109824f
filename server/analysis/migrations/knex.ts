/** Knex: JavaScript or TypeScript modules with `up` and `down`, named by the time. */
import { nextNumber, parseNumbered } from './numbering.ts';
import type { MigrationTool } from './style.ts';

const library = 'knex';
const moduleName = /^\d{14}_.+\.(js|ts|mjs|cjs)$/;
const exportsUp =
  /\bexports\.up\s*=|\bexport\s+(?:async\s+)?function\s+up\b|\bexport\s+const\s+up\b|\bmodule\.exports\s*=\s*\{[\s\S]*\bup\b/;

export const knex: MigrationTool = {
  id: 'knex',
  recognise(folder) {
    const files = folder.files.filter((file) => moduleName.test(file.name) && exportsUp.test(file.text) && /\bknex\b/i.test(file.text));
    const last = files.at(-1);
    return last && { names: files.map((file) => file.name), sample: last };
  },
  write(style, script, now) {
    const sample = style.detail.sample;
    const ending = sample?.name.split('.').at(-1) ?? 'js';
    const number = nextNumber(
      style.detail.names.flatMap((name) => parseNumbered(name)?.number ?? []),
      now,
    );
    const modern = ending === 'ts' || ending === 'mjs' || /^export\s/m.test(sample?.text ?? '');
    const typed = ending === 'ts';
    const raw = (sql: string) => `  return knex.raw(${template(sql)});`;
    const define = (name: string, body: string) =>
      modern
        ? `export function ${name}(knex${typed ? ': Knex' : ''})${typed ? ': Knex.Raw' : ''} {\n${body}\n}\n`
        : `exports.${name} = function (knex) {\n${body}\n};\n`;
    const config = `${modern ? 'export const config =' : 'exports.config ='} { transaction: false };\n`;
    const text = [
      typed ? `import type { Knex } from '${library}';\n` : undefined,
      script.outsideTransaction ? `// CONCURRENTLY refuses to work in a transaction.\n${config}` : undefined,
      define('up', raw(script.text)),
      define('down', raw(script.down)),
    ];
    return [{ path: `${style.folder}/${number}_${script.name}.${ending}`, text: text.filter((part) => part !== undefined).join('\n') }];
  },
};

/** Knex reads `?` in raw SQL as a binding, also where none are given. */
function template(sql: string): string {
  const text = sql
    .trim()
    .replace(/;$/, '')
    .replaceAll('\\', '\\\\')
    .replaceAll('`', '\\`')
    .replaceAll('${', '\\${')
    .replaceAll('?', '\\\\?');
  return text.includes('\n') ? `\`\n    ${text.replaceAll('\n', '\n    ')}\n  \`` : `\`${text}\``;
}
