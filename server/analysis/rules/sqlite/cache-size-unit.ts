import { message } from '../../advisor/wording.ts';
import { amountsIn, describeBytes, unitNamed } from '../../catalogues/sizes.ts';
import { defaultPageSize } from '../../catalogues/sqlite-pragmas.ts';
import type { Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const cacheSizeUnit = rule({
  id: 'sqlite/cache-size-unit',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) => isCacheSize(setting) && pages(setting) !== undefined,
  *check({ document, setting }) {
    const number = pages(setting);
    if (number === undefined || number === 0 || setting.valueSpan === undefined) return;
    // A page size of their own makes other sums right.
    if (document.settings.some((other) => other.key === 'page_size')) return;
    const meant = meantBytes(setting, number);
    if (meant === undefined) return;
    const kibibytes = -Math.round(meant.bytes / 1024);
    const real = number > 0 ? number * defaultPageSize : -number * 1024;
    const unit = number > 0 ? `${number} pages` : `${-number} KiB`;
    const spelled = number > 0 ? `${unit}, ${describeBytes(real)}` : unit;
    yield {
      span: setting.valueSpan,
      message: message(`cache_size ${number} is ${spelled}, not ${meant.text}: a positive number counts pages, a negative one KiB`),
      ...(setting.comment === undefined
        ? {}
        : { related: [{ path: document.path, span: setting.comment.span, message: 'What was meant' }] }),
      fixes: [
        {
          kind: 'edit',
          title: `Set cache_size to ${kibibytes} (${describeBytes(meant.bytes)})`,
          safe: false,
          edits: [{ span: setting.valueSpan, text: quotedLike(setting, String(kibibytes)) }],
        },
      ],
    };
  },
});

/** 64 GiB in pages of 4 KiB: a positive number from here on was meant in bytes. */
const surelyBytes = 2 ** 24;

interface Meant {
  readonly bytes: number;
  readonly text: string;
}

function isCacheSize(setting: Setting): boolean {
  return setting.key === 'cache_size' && !setting.dynamic;
}

function pages(setting: Setting): number | undefined {
  const number = /^-?\d+$/.test(setting.value ?? '') ? Number(setting.value) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** What the comment says was wanted, where that is not what the number gives; undefined where they agree or nothing is said. */
function meantBytes(setting: Setting, number: number): Meant | undefined {
  const words = claim(setting);
  const real = number > 0 ? number * defaultPageSize : -number * 1024;
  if (words !== undefined) {
    const amounts = amountsIn(words);
    const agrees = amounts.some((amount) => near(amount.bytes, real) || near(amount.bytes, real * (1000 / 1024)));
    // A number beside the unit is only a claim if somebody could have taken one for the other.
    const claimed = amounts.find((amount) => taken(amount.bytes, Math.abs(number)));
    if (agrees || /\bpages?\b/i.test(words)) return number < 0 && claimed !== undefined && !agrees ? claimed : undefined;
    if (claimed !== undefined) return claimed;
    const unit = amounts.length === 0 ? unitNamed(words) : undefined;
    if (unit !== undefined && !(number < 0 && unit.bytes === 1024)) {
      return { bytes: Math.abs(number) * unit.bytes, text: `${Math.abs(number)} ${unit.text}` };
    }
  }
  if (number >= surelyBytes) return { bytes: number, text: `${describeBytes(number)}` };
  return undefined;
}

/** The comment, if it speaks of the cache: one beside the setting does, one above must name it. */
function claim({ comment, span }: Setting): string | undefined {
  if (comment === undefined) return undefined;
  return comment.span.start >= span.end || /cache/i.test(comment.text) ? comment.text : undefined;
}

/** The number counts bytes, KB, MB or GB of that amount, give or take what people round. */
function taken(bytes: number, number: number): boolean {
  return [1, 1024, 1024 ** 2, 1024 ** 3].some((unit) => near(bytes, number * unit) || near(bytes, number * unit * (1024 / 1000)));
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= 0.13 * Math.max(left, right);
}

/** Keeps the quotes that the value's span includes. */
function quotedLike(setting: Setting, text: string): string {
  const { valueSpan, value = '' } = setting;
  return valueSpan !== undefined && valueSpan.end - valueSpan.start === value.length + 2 ? `'${text}'` : text;
}
