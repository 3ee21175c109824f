import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTreeKeeper, editBetween, loadGrammar } from '../../server/workspace/syntax.ts';

beforeAll(() => loadGrammar('python'));

describe('the edit between two texts', () => {
  test('is what stands between the common start and the common end', () => {
    expect(editBetween('a = 1\nb = 2\n', 'a = 1\nbb = 2\n')).toMatchObject({
      startIndex: 7,
      oldEndIndex: 7,
      newEndIndex: 8,
      startPosition: { row: 1, column: 1 },
      newEndPosition: { row: 1, column: 2 },
    });
  });

  test('never cuts a surrogate pair', () => {
    const edit = editBetween('x = "😀"', 'x = "😁"');
    expect([edit.startIndex, edit.oldEndIndex, edit.newEndIndex]).toEqual([5, 7, 7]);
  });
});

const piece = fc.constantFrom(
  'def f(a):\n',
  '    return db.execute("SELECT 😀")\n',
  'for x in y:\n',
  '    pass\n',
  '"""',
  "f'{a}'",
  '(',
  '\r\n',
  'é',
  '\t',
);
const program = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

test('an incremental parse gives the tree that a fresh one gives', () => {
  fc.assert(
    fc.property(fc.array(program, { minLength: 2, maxLength: 6 }), (texts) => {
      const kept = createTreeKeeper();
      try {
        for (const text of texts) {
          const fresh = createTreeKeeper();
          expect(kept.syntax('python', text, 'file')?.toString()).toBe(fresh.syntax('python', text, 'file')?.toString());
          fresh.delete();
          kept.sweep();
        }
      } finally {
        kept.delete();
      }
    }),
    { numRuns: 60 },
  );
});

test('trees that are no longer asked for are freed, grammars that are not loaded give nothing', () => {
  const keeper = createTreeKeeper();
  const first = keeper.syntax('python', 'a = 1', 'fence 1');
  expect(first?.type).toBe('module');
  keeper.sweep();
  keeper.sweep();
  expect(keeper.syntax('python', 'a = 1', 'fence 1')).not.toBe(first);
  expect(keeper.syntax('rust', 'fn main() {}', 'x')).toBeUndefined();
  keeper.delete();
});
