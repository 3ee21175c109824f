import { message } from '../../advisor/wording.ts';
import { isServerSetting, refusedValue } from '../../catalogues/postgres-config.ts';
import type { Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const settingBadUnit = rule({
  id: 'postgres/setting-bad-unit',
  severity: 'error',
  on: 'setting',
  needs: [],
  engines: ['postgres'],
  applies: ({ setting }) => isServerSetting(setting) && /^[+-]?[\d.]/.test(setting.value ?? ''),
  *check({ setting }) {
    const { key, valueSpan, value = '' } = setting;
    if (valueSpan === undefined) return;
    const consequence = setting.form === 'config' ? 'the server refuses to start' : 'the statement fails';
    const refused = refusedValue(setting);
    if (refused === undefined) {
      // Two words for the file's grammar, though as one quoted text the server would take them.
      if (!isTwoWords(setting)) return;
      const joined = /^[+-]?\d+\s+\w+$/.test(value) ? value.replace(/\s+/, '') : `'${value}'`;
      yield {
        span: valueSpan,
        message: message(`${key} = ${value}: a number and its unit are one word, or stand in quotes; ${consequence}`),
        fixes: [{ kind: 'edit', title: `Write ${joined}`, safe: true, edits: [{ span: valueSpan, text: joined }] }],
      };
      return;
    }
    const { answer } = refused;
    if (answer.outcome !== 'bad unit') return;
    const meant = answer.units.includes(canonical(answer.unit) ?? '') ? canonical(answer.unit) : undefined;
    const number = meant === undefined ? '' : `${answer.number}${meant}`;
    const quotes = number !== '' && (/[.]/.test(number) || valueSpan.end - valueSpan.start > value.length || setting.form !== 'config');
    yield {
      span: valueSpan,
      message: message(
        answer.units.length === 0
          ? `${key} counts and has no unit: ${consequence} with ${value}`
          : `${key} has no unit ${answer.unit}: ${consequence}; units: ${answer.units.join(' ')}`,
      ),
      fixes:
        meant === undefined
          ? []
          : [{ kind: 'edit', title: `Write ${number}`, safe: false, edits: [{ span: valueSpan, text: quotes ? `'${number}'` : number }] }],
    };
  },
});

function isTwoWords({ form, valueSpan, value = '' }: Setting): boolean {
  if (form !== 'config' || valueSpan === undefined || valueSpan.end - valueSpan.start !== value.length) return false;
  return /^[+-]?\d+\s+[A-Za-z]+$|^[+-]?\d*\.\d*\s*[A-Za-z]+$/.test(value);
}

/** What a unit was surely meant to be. `m` is not among them: minutes, megabytes and months are all thought of. */
function canonical(unit: string): string | undefined {
  const word = unit.toLowerCase();
  const entry = Object.entries(spellings).find(([, pattern]) => pattern.test(word));
  return entry?.[0];
}

const spellings: Readonly<Record<string, RegExp>> = {
  B: /^(?:b|bytes?)$/,
  kB: /^(?:k|kb|kib|kilobytes?)$/,
  MB: /^(?:mb|mib|megabytes?)$/,
  GB: /^(?:g|gb|gib|gigabytes?)$/,
  TB: /^(?:t|tb|tib|terabytes?)$/,
  us: /^(?:us|usecs?|microseconds?)$/,
  ms: /^(?:ms|msecs?|milliseconds?)$/,
  s: /^(?:s|secs?|seconds?)$/,
  min: /^(?:min|mins|minutes?)$/,
  h: /^(?:h|hr|hrs|hours?)$/,
  d: /^(?:d|days?)$/,
};
