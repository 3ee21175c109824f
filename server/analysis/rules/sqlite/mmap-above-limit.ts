import { describeBytes } from '../../catalogues/sizes.ts';
import { largestMmap } from '../../catalogues/sqlite-pragmas.ts';
import { rule } from '../../rule.ts';

export const mmapAboveLimit = rule({
  id: 'sqlite/mmap-above-limit',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) => setting.key === 'mmap_size' && !setting.dynamic && /^\d+$/.test(setting.value ?? ''),
  *check({ setting }) {
    const bytes = Number(setting.value);
    if (bytes <= largestMmap || setting.valueSpan === undefined) return;
    const close = bytes <= 2 ** 31;
    yield {
      span: setting.valueSpan,
      // Two gibibytes lose 64 KiB, which costs nothing; more than that, and a part of the file is never mapped.
      severity: close ? 'info' : 'warning',
      message: `SQLite maps at most ${largestMmap} bytes: mmap_size ${describeBytes(bytes)} is cut to 2 GB less 64 KB without a word`,
      evidence: {
        grade: 'static',
        source: 'text',
        notes: ['SQLITE_MAX_MMAP_SIZE is 0x7fff0000 unless SQLite was compiled otherwise'],
      },
      fixes: [
        {
          kind: 'edit',
          title: `Set mmap_size to ${largestMmap}, which SQLite uses anyway`,
          safe: true,
          edits: [{ span: setting.valueSpan, text: String(largestMmap) }],
        },
      ],
    };
  },
});
