import { message } from '../../advisor/wording.ts';
import { nearestName } from '../../catalogues/nearest.ts';
import { isServerSetting, refusedValue } from '../../catalogues/postgres-config.ts';
import { describeNumber } from '../../catalogues/postgres-values.ts';
import type { EditFix } from '../../fix.ts';
import { rule } from '../../rule.ts';

export const settingOutOfRange = rule({
  id: 'postgres/setting-out-of-range',
  severity: 'error',
  on: 'setting',
  needs: [],
  engines: ['postgres'],
  applies: ({ setting }) => isServerSetting(setting) && setting.value !== undefined,
  *check({ setting }) {
    const { key, value = '', valueSpan } = setting;
    const refused = refusedValue(setting);
    if (refused === undefined || valueSpan === undefined || refused.answer.outcome === 'bad unit') return;
    const { known, answer } = refused;
    const consequence = setting.form === 'config' ? 'the server refuses to start' : 'the statement fails';
    const written = value.length > 24 ? `${value.slice(0, 21)}…` : value;
    const fix = (text: string): EditFix => ({
      kind: 'edit',
      title: `Set ${key} to ${text}`,
      safe: false,
      edits: [{ span: valueSpan, text }],
    });
    switch (answer.outcome) {
      case 'out of range': {
        const { min, max } = answer;
        const nearer = answer.value > max ? max : min;
        yield {
          span: valueSpan,
          message: message(`${key} = ${written} is outside ${describeNumber(known, min)} to ${describeNumber(known, max)}: ${consequence}`),
          fixes: [fix(String(nearer))],
        };
        return;
      }
      case 'not a number':
        yield { span: valueSpan, message: `${key} takes a number, not ${written}: ${consequence}` };
        return;
      case 'not a boolean':
        yield { span: valueSpan, message: `${key} takes on or off, not ${written}: ${consequence}`, fixes: switchFix(value).map(fix) };
        return;
      case 'not listed': {
        const meant = nearestName(value, answer.values);
        const list = answer.values.length > 5 ? `${answer.values.slice(0, 4).join(', ')} …` : answer.values.join(', ');
        yield {
          span: valueSpan,
          message: message(`${key} takes ${list}, not ${written}: ${consequence}`),
          fixes: meant === undefined ? [] : [fix(meant)],
        };
      }
    }
  },
});

function switchFix(value: string): string[] {
  if (/^enabled?$|^active$/i.test(value)) return ['on'];
  if (/^disabled?$|^inactive$|^none$|^never$/i.test(value)) return ['off'];
  return [];
}
