/** PostgreSQL's errors, told apart: what is wrong with the statement, and what is wrong with the server or the way to it. */
import { EngineError, type EngineRejection } from '../engine.ts';
import { utf16Offset } from './position.ts';

export interface PostgresFault {
  readonly code: string;
  readonly message: string;
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
}

/** An error the server sent, with its SQLSTATE. */
export function asFault(error: unknown): PostgresFault | undefined {
  const fault = error as Partial<PostgresFault> | null | undefined;
  return typeof fault?.code === 'string' && /^[0-9A-Z]{5}$/.test(fault.code) && typeof fault.message === 'string'
    ? (fault as PostgresFault)
    : undefined;
}

const kinds: Readonly<Record<string, EngineRejection['kind']>> = {
  '42601': 'syntax',
  '42P01': 'unknown-relation',
  '42703': 'unknown-column',
  '42883': 'unknown-function',
};

/** The name in the server's sentence. Only the English words are read; a server that speaks another language gives no name. */
function nameIn(fault: PostgresFault, kind: EngineRejection['kind']): string | undefined {
  if (kind === 'unknown-relation')
    return /relation "(.+?)" does not exist/.exec(fault.message)?.[1] ?? /FROM-clause entry for table "(.+?)"/.exec(fault.message)?.[1];
  if (kind === 'unknown-column') return /column "?(.+?)"? (?:of relation|does not exist)/.exec(fault.message)?.[1];
  if (kind === 'unknown-function') return /function ([^(]+)\(/.exec(fault.message)?.[1];
  return undefined;
}

/** `prefix`: how many UTF-16 units stood before the statement in what was sent. */
export function rejectionFrom(fault: PostgresFault, sent: string, prefix: number): EngineRejection {
  // 42883 is also "operator does not exist", which is a matter of types, not of a name.
  const kind = fault.code === '42883' && !fault.message.startsWith('function ') ? 'other' : (kinds[fault.code] ?? 'other');
  const name = nameIn(fault, kind);
  const position = Number(fault.position);
  const offset = Number.isFinite(position) && position > 0 ? utf16Offset(sent, position) - prefix : -1;
  return {
    kind,
    code: fault.code,
    message: fault.message,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    ...(fault.detail === undefined ? {} : { detail: fault.detail }),
    ...(name === undefined ? {} : { name }),
    ...(offset < 0 ? {} : { offset }),
  };
}

/** Whether the types of its parameters could not be told: the driver knows them, and the text alone does not, so nothing is wrong. */
export const isUntypedParameter = (fault: PostgresFault): boolean => fault.code === '42P18' || fault.code === '42P08';

const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ENOENT: 'there is no such socket',
  EACCES: 'its socket may not be used',
};

/** One sentence for an error on the way to the server, or about the session; undefined when the statement is to blame. Never holds a password. */
export function serverError(error: unknown, label: string): EngineError | undefined {
  if (error instanceof EngineError) return error;
  const say = (kind: EngineError['kind'], message: string): EngineError => new EngineError(kind, message);
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const message = error instanceof Error ? error.message : String(error);
  if (code in networkWords)
    return say('unreachable', `${label} cannot be reached: ${networkWords[code]}. Check host and port, and that the server runs.`);
  if (code === '28P01' || code === '28000')
    return say('authentication', `${label} refused the login (${message.replaceAll('"', '')}): check user, password and pg_hba.conf.`);
  if (code === '3D000') return say('missing', `${label}: ${message}. Check the name of the database.`);
  if (code === '53300' || code === '57P03') return say('unreachable', `${label} takes no connection now: ${message}.`);
  if (code === '57014') return say('timeout', `${label} stopped the statement: it took too long.`);
  if (code === '55P03') return say('locked', `${label}: a table is locked by another session. Try again when that has finished.`);
  if (
    /^57P0|^08/.test(code) ||
    /Connection terminated|Client has encountered a connection error|Client was closed|connection error and is not queryable/i.test(message)
  )
    return say('lost', `${label} closed the connection.`);
  if (/password must be a string|no password supplied|SASL/i.test(message))
    return say('authentication', `${label} asks for a password, and none (or a wrong one) was given.`);
  if (/does not support SSL/i.test(message))
    return say('unreachable', `${label} offers no encryption: set sslmode=disable if that is meant to be.`);
  if (/certificate|self.signed|SSL|TLS/i.test(message) || /^(?:ERR_TLS|DEPTH_|SELF_|UNABLE_TO|CERT_)/.test(code))
    return say('unreachable', `${label} could not be trusted (${message}): check sslmode and the certificate.`);
  if (/timeout/i.test(message) && asFault(error) === undefined)
    return say('unreachable', `${label} does not answer: check host and port, and that the server runs.`);
  if (code === '53200' || code === '53100' || code.startsWith('58') || code.startsWith('XX'))
    return say('internal', `${label} failed: ${message}.`);
  return undefined;
}

/** A refused look-up in the catalogue says which grant is missing. */
export function permissionError(fault: PostgresFault, label: string): EngineError | undefined {
  if (fault.code !== '42501') return undefined;
  const object = /permission denied for (\w+(?: \w+)?) (\S+)/.exec(fault.message);
  const grant =
    object === null
      ? ''
      : object[1] === 'schema'
        ? ` It needs GRANT USAGE ON SCHEMA ${object[2]}.`
        : ` It needs GRANT SELECT ON ${object[2]}.`;
  return new EngineError('permission', `${label}: ${fault.message}.${grant}`);
}
