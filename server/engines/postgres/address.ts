/** Where a PostgreSQL server is, from a URL; with what people see of it. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { EngineError } from '../engine.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string | undefined;
  /** What to try in turn: encrypted and not, as libpq's sslmode means it. */
  readonly encryption: readonly (TlsOptions | false)[];
  /** `options=-c search_path=app`: settings of the session. */
  readonly options?: string | undefined;
  /** `user@host:port/database`. */
  readonly label: string;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readPem(path: string | null, what: string): string | undefined {
  if (path === null || path === '' || path === 'system') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new EngineError('unreachable', `The ${what} ${path} cannot be read: check the path.`);
  }
}

/** libpq's meanings, not pg's: `require` encrypts and trusts whoever answers, unless a root certificate is given. */
function encryptionOf(parameters: URLSearchParams, local: boolean): (TlsOptions | false)[] {
  const mode = parameters.get('sslmode') ?? process.env.PGSSLMODE ?? (parameters.get('ssl') === 'true' ? 'require' : 'prefer');
  const ca = readPem(parameters.get('sslrootcert'), 'root certificate');
  const cert = readPem(parameters.get('sslcert'), 'certificate');
  const key = readPem(parameters.get('sslkey'), 'key');
  const base: TlsOptions = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const trusting: TlsOptions = { ...base, rejectUnauthorized: false };
  switch (mode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, trusting];
    case 'prefer':
      return local ? [false] : [trusting, false];
    case 'no-verify':
      return [trusting];
    case 'require':
      return [ca === undefined ? trusting : { ...base, rejectUnauthorized: true, checkServerIdentity: () => undefined }];
    case 'verify-ca':
      return [{ ...base, rejectUnauthorized: true, checkServerIdentity: () => undefined }];
    case 'verify-full':
      return [{ ...base, rejectUnauthorized: true }];
    default:
      throw new EngineError('unsupported', `sslmode=${mode} is unknown: use disable, allow, prefer, require, verify-ca or verify-full.`);
  }
}

/** Throws EngineError for what is no URL; its message holds no part of it that could be a password. */
export function parseAddress(url: string, password: string | undefined): Address {
  let parsed: URL;
  try {
    parsed = new URL(url.trim());
  } catch {
    throw new EngineError(
      'unsupported',
      'This is not a URL of the form postgres://user@host:port/database: characters such as # / ? @ in a user or password are written as %23 %2F %3F %40, and only one host may be named.',
    );
  }
  const parameters = parsed.searchParams;
  const host = parameters.get('host') ?? (decode(parsed.hostname).replace(/^\[|\]$/g, '') || process.env.PGHOST || 'localhost');
  const port = Number(parameters.get('port') ?? (parsed.port || process.env.PGPORT || 5432));
  const user = parameters.get('user') ?? (decode(parsed.username) || process.env.PGUSER || userInfo().username);
  const database = parameters.get('dbname') ?? (decode(parsed.pathname.replace(/^\//, '')) || process.env.PGDATABASE || user);
  const given = password ?? parameters.get('password') ?? (parsed.password === '' ? process.env.PGPASSWORD : decode(parsed.password));
  const local = host.startsWith('/') || host === 'localhost' || host === '127.0.0.1' || host === '::1';
  const options = parameters.get('options');
  return {
    host,
    port,
    user,
    database,
    encryption: encryptionOf(parameters, local),
    label: `${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`,
    ...(given === undefined ? {} : { password: given }),
    ...(options === null ? {} : { options }),
  };
}
