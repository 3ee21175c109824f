import { message } from '../../advisor/wording.ts';
import { nearestName } from '../../catalogues/nearest.ts';
import { amountsIn } from '../../catalogues/sizes.ts';
import { type PragmaValues, pragmaValues } from '../../catalogues/sqlite-pragmas.ts';
import type { Setting } from '../../document.ts';
import type { EditFix } from '../../fix.ts';
import { rule } from '../../rule.ts';

export const pragmaBadValue = rule({
  id: 'sqlite/pragma-bad-value',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) => !setting.dynamic && setting.value !== undefined && Object.hasOwn(pragmaValues, setting.key),
  *check({ setting }) {
    const known = pragmaValues[setting.key];
    const { value, valueSpan } = setting;
    if (known === undefined || value === undefined || valueSpan === undefined || understood(known, value)) return;
    const words = value.length > 24 ? `${value.slice(0, 21)}…` : value;
    const correction = correct(setting, known, value);
    yield {
      span: valueSpan,
      message: message(
        refused(setting, value)
          ? `SQLite refuses ${setting.key} = ${words}: numbers have no unit here`
          : `SQLite does not know ${setting.key} = ${words}: it ${known.otherwise}, without an error`,
      ),
      fixes: correction === undefined ? [] : [correction],
    };
  },
});

function understood(known: PragmaValues, value: string): boolean {
  const word = value.trim().toLowerCase();
  if (known.words.includes(word)) return true;
  if (known.numbers === undefined || !/^[+-]?(?:\d+(?:\.\d*)?|0x[\da-f]+)$/.test(word)) return false;
  const number = Number(word);
  return number >= known.numbers[0] && number <= known.numbers[1];
}

/** A number with a unit is no token of SQL; in quotes it is a string, whose digits are taken. */
function refused({ form, valueSpan }: Setting, value: string): boolean {
  const bare = valueSpan !== undefined && valueSpan.end - valueSpan.start === value.length;
  return form === 'pragma' && bare && /^-?\d+[a-z_]/i.test(value);
}

function correct(setting: Setting, known: PragmaValues, value: string): EditFix | undefined {
  const { valueSpan } = setting;
  if (valueSpan === undefined) return undefined;
  const text = correctValue(setting, known, value);
  if (text === undefined) return undefined;
  // Inside quotes the quotes stay.
  const quoted = valueSpan.end - valueSpan.start === value.length + 2;
  const edited = quoted && known.numbers?.[0] !== Number.NEGATIVE_INFINITY ? `'${text}'` : text;
  return { kind: 'edit', title: `Change to ${text}`, safe: false, edits: [{ span: valueSpan, text: edited }] };
}

function correctValue(setting: Setting, known: PragmaValues, value: string): string | undefined {
  const word = value.trim().toLowerCase();
  const [amount] = amountsIn(value);
  if (setting.key === 'cache_size' && amount !== undefined) return String(-Math.round(amount.bytes / 1024));
  if ((setting.key === 'mmap_size' || setting.key === 'journal_size_limit' || setting.key === 'page_size') && amount !== undefined) {
    return String(Math.round(amount.bytes));
  }
  const time = setting.key === 'busy_timeout' ? /^(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?)$/.exec(word) : null;
  if (time !== null) return String(Math.round(Number(time[1]) * (time[2]?.startsWith('m') === true ? 1 : 1000)));
  if (known.words.includes('on')) {
    if (/^enabled?$|^y$|^t$/.test(word)) return 'ON';
    if (/^disabled?$|^n$|^f$/.test(word)) return 'OFF';
  }
  return nearestName(word, known.words)?.toUpperCase();
}
