const REDACTED = '[redacted]'

/** Names of fields whose text is a secret whatever it looks like: `refreshToken`, `client_secret`, `Authorization`. */
const SECRET_NAME = /(token|secret|password|assertion|proof|verifier|cookie|authorization|dpop)$/i
/** Names of fields that hold public hashes, which look like secrets. */
const PUBLIC_NAME = /^(kids?|jkt|keyId|hash|.*Hash|thumbprint)$/

/** A JWT, or credentials of an `Authorization` header. */
const TOKEN = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|\b(?:Basic|Bearer|DPoP) [\w\-.~+/]{8,}=*/g
/** 43 or more base64url characters of every sort: a 256-bit secret, alone or in a handle. */
const RANDOM = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43,}(?![\w-])/g

/**
 * The second belt of the log: lines are written without tokens and secrets, and what slips in all the same
 * is taken out here, by the name of its field and by its looks.
 */
export function redact(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (SECRET_NAME.test(name)) return value === '' ? '' : REDACTED
    const text = value.replace(TOKEN, REDACTED)
    return PUBLIC_NAME.test(name) ? text : text.replace(RANDOM, REDACTED)
  }
  if (Array.isArray(value)) return value.map((item) => redact(item, name))
  if (value instanceof Error) return redact(value.stack ?? value.message)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, redact(inner, member)]))
  return value
}
