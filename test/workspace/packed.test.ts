import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyDocument } from '../../server/analysis/reader.ts';
import { pack, unpack } from '../../server/workspace/packed.ts';
import { slim, unslim } from '../../server/workspace/slim-document.ts';

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(undefined, null, true, false, 0, -1, 2 ** 28 - 1, 2 ** 28, 2 ** 40, 0.5),
    fc.nat(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('start', 'end', 'name', 'span', 'ä'), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('what is packed comes back', () => {
  fc.assert(
    fc.property(value, (data) => {
      expect(unpack(pack(data))).toStrictEqual(data);
    }),
  );
});

test('strings and shapes are kept once', () => {
  const calls = Array.from({ length: 1000 }, (_, index) => ({
    name: 'execute',
    span: { start: index, end: index + 1 },
    result: undefined,
  }));
  const { bytes, text } = pack(calls);
  expect(text).toBe('namespanresultexecutestartend');
  expect(bytes.length).toBeLessThan(12_000);
});

test('a slim document is the document', () => {
  const span = { start: 1, end: 2 };
  const call = { callee: 'a.b', name: 'b', span, nameSpan: span, arguments: [], awaited: false, scoped: false };
  const document = { ...emptyDocument({ path: '/a.py', language: 'python', text: '' }, [0]), calls: [call] };
  const back = unslim(structuredClone(slim(document)));
  expect({ ...back, reads: undefined }).toEqual({ ...document, reads: undefined });
  expect(back.calls).toBe(back.calls);
});
