/** Rules about SQL stay quiet on broken SQL: no rule throws, whatever the statement looks like. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateIndexes, forWorkload } from '../../server/analysis/advisor/candidates.ts';
import { refusalFor } from '../../server/analysis/advisor/refusals.ts';
import { analyze, questionsOf } from '../../server/analysis/analyze.ts';
import type { FactTypes, Plan } from '../../server/analysis/facts.ts';
import type { ReadContext } from '../../server/analysis/reader.ts';
import { reader } from '../../server/analysis/readers/sql.ts';
import { catalogue } from '../../server/analysis/rules/index.ts';
import { buildSchema } from '../../server/analysis/sql/build-schema.ts';
import { findTable } from '../../server/analysis/sql/schema.ts';
import { shift } from '../../server/analysis/sql/shift.ts';
import type { EngineId, Statement } from '../../server/analysis/sql/statement.ts';
import { parsePage } from '../support/pages.ts';

const rules = catalogue.map(({ rule }) => rule).filter((rule) => rule.id.startsWith('sql/'));
const samples = catalogue
  .flatMap(({ page }) => parsePage(page).sections)
  .flatMap((section) => [section.schema ?? '', ...section.files.filter((file) => file.language === 'sql').map((file) => file.text)])
  .filter((text) => text !== '');

const context = (dialect: EngineId): ReadContext => ({
  dialect,
  syntax: () => undefined,
  reader: () => undefined,
  remember: (_kind, _text, compute) => compute(),
  place: shift,
});

/** Every fact a rule may ask for, with a plan that reads everything and an index for each table. */
function factsFor(text: string, engine: EngineId): Partial<FactTypes> {
  const document = reader.read({ path: '/a.sql', language: 'sql', text }, context(engine));
  const schema = buildSchema(
    engine,
    document.queries.map((query) => ({ path: '/a.sql', query })),
  );
  const plan: Plan = {
    engine,
    totalCost: 1e6,
    raw: undefined,
    steps: schema.tables.map((table) => ({ kind: 'scan', detail: `SCAN ${table.name}`, relation: table.name, children: [] })),
  };
  const source = { grade: 'planned', source: 'test' } as const;
  const sizes = { assumed: [], inferred: schema.tables.slice(0, 1).map((table) => table.name), assumedRows: 1e6 };
  return {
    schema: { ...source, schema, table: (name) => findTable(schema, name) },
    plan: { ...source, ...sizes, plan },
    whatIf: {
      ...source,
      ...sizes,
      before: plan,
      tried: schema.tables.flatMap((table) =>
        table.columns.slice(0, 2).map((column) => ({
          candidate: { table: table.name, keys: [{ column: column.name, descending: false }], include: [] },
          plan: { ...plan, totalCost: 1, steps: [{ kind: 'index' as const, detail: 'SEARCH', relation: table.name, children: [] }] },
          used: true,
        })),
      ),
    },
    rejection: { ...source, rejection: { kind: 'other', code: '42601', message: 'no', span: { start: 0, end: 1 } }, inferred: [] },
    documents: [document],
  };
}

/** What an advisor asks of every statement. */
function advised(statement: Statement, { schema, plan }: Partial<FactTypes>): void {
  if (schema === undefined) return;
  const candidates = candidateIndexes(statement, schema.schema, forWorkload);
  expect(candidates.length).toBeLessThanOrEqual(forWorkload.most);
  for (const { keys } of candidates) expect(keys.length).toBeGreaterThan(0);
  const rows = () => 1e6;
  const refusal = refusalFor({ statement, schema: schema.schema, plan: plan?.plan, tried: [], rows, smallTable: 1000, worthwhile: 0.1 });
  expect(refusal?.reason ?? 'worth it').not.toMatch(/undefined|\.$/);
}

const words = [...new Set(samples.flatMap((sample) => sample.split(/\s+|(?=[(),;])|(?<=[(),;])/)))];

describe('rules about SQL', () => {
  test('never throw, and report inside the file in at most 120 characters', () => {
    const mutated = fc.tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom(...words)), { maxLength: 6 }),
    );
    fc.assert(
      fc.property(mutated, fc.constantFrom<EngineId>('sqlite', 'postgres'), ([sample, changes], engine) => {
        let text = sample;
        for (const [at, removed, word] of changes) {
          const place = at % (text.length + 1);
          text = `${text.slice(0, place)} ${word} ${text.slice(place + removed)}`;
        }
        const facts = factsFor(text, engine);
        const document = facts.documents?.[0];
        if (document === undefined) return;
        const { findings, faults } = analyze(questionsOf(document, rules), () => facts);
        expect(faults).toEqual([]);
        for (const finding of findings) {
          expect(finding.message.length).toBeLessThanOrEqual(120);
          expect(finding.span.start).toBeGreaterThanOrEqual(0);
          expect(finding.span.end).toBeLessThanOrEqual(text.length);
          expect(finding.span.start).toBeLessThanOrEqual(finding.span.end);
        }
        for (const { statement } of document.queries) expect(() => advised(statement, facts)).not.toThrow();
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('thousands of conditions and of brackets do not overflow the stack', () => {
    for (const text of [
      `SELECT id FROM t WHERE ${Array.from({ length: 5000 }, (_, at) => `a${at} = ${at}`).join(' AND ')};`,
      `SELECT id FROM t WHERE ${Array.from({ length: 5000 }, (_, at) => `a = ${at}`).join(' OR ')};`,
      `SELECT id FROM t WHERE a = ${'('.repeat(5000)}1${')'.repeat(5000)};`,
      `SELECT id FROM t WHERE ${'lower('.repeat(3000)}a${')'.repeat(3000)} = 1;`,
      `${'SELECT id FROM t UNION ALL '.repeat(3000)}SELECT 1;`,
      `SELECT id FROM ${'(SELECT id FROM '.repeat(2000)}t${')'.repeat(2000)};`,
      `SELECT id FROM t WHERE a IN ${'(SELECT a FROM t WHERE a IN '.repeat(2000)}(1)${')'.repeat(2000)};`,
    ]) {
      const facts = factsFor(`CREATE TABLE t (id int, a int);\n${text}`, 'sqlite');
      const document = facts.documents?.[0];
      for (const { statement } of document?.queries ?? []) advised(statement, facts);
      if (document !== undefined) expect(analyze(questionsOf(document, rules), () => facts).faults, text.slice(0, 60)).toEqual([]);
    }
  });
});
