/** TypeORM: a class for each migration, its name ended by the milliseconds since 1970. */
import type { MigrationTool } from './style.ts';

const moduleName = /^(\d{13})-(.+)\.(ts|js|mts|mjs|cts|cjs)$/;

export const typeorm: MigrationTool = {
  id: 'typeorm',
  recognise(folder) {
    const files = folder.files.filter((file) => moduleName.test(file.name) && /\bqueryRunner\b/.test(file.text));
    const last = files.at(-1);
    return last && { names: files.map((file) => file.name), sample: last };
  },
  write(style, script, now) {
    const { sample, names } = style.detail;
    const ending = moduleName.exec(sample?.name ?? '')?.[3] ?? 'ts';
    const last = Math.max(0, ...names.map((name) => Number(moduleName.exec(name)?.[1] ?? 0)));
    const time = Math.max(now.getTime(), last + 1);
    const typed = ending.endsWith('ts');
    const bare = script.name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
    const name = `${bare}${time}`;
    const method = (direction: string, sql: string): string =>
      `  ${typed ? 'public ' : ''}async ${direction}(queryRunner${typed ? ': QueryRunner' : ''})${typed ? ': Promise<void>' : ''} {\n${statementsOf(sql)}  }\n`;
    const outside = script.outsideTransaction
      ? '  // CONCURRENTLY refuses to work in a transaction; this needs the option `migrationsTransactionMode: "each"`.\n  transaction = false;\n\n'
      : '';
    const declare = /\bCREATE\s+(?:UNIQUE\s+)?INDEX\b/i.test(script.text)
      ? '// Declare the index on its entity as well, or `migration:generate` proposes to drop it.\n'
      : '';
    const commonJs = !typed && /\bmodule\.exports\b/.test(sample?.text ?? '');
    const head = typed ? "import type { MigrationInterface, QueryRunner } from 'typeorm';\n\n" : '';
    const text = `${head}${declare}${commonJs ? 'module.exports = class' : 'export class'} ${name}${typed ? ' implements MigrationInterface' : ''} {
  name = '${name}';

${outside}${method('up', script.text)}
${method('down', script.down)}}${commonJs ? ';' : ''}
`;
    return [{ path: `${style.folder}/${time}-${bare}.${ending}`, text }];
  },
};

/** One call a statement: several sent at once are one transaction, which CONCURRENTLY refuses. */
function statementsOf(sql: string): string {
  const statements = sql
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
  return statements.map((statement) => `    await queryRunner.query(\`${quoted(statement)}\`);\n`).join('');
}
