import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { type Fault, isRecord, type MasterSecret } from '@holdfast/server/config'

export interface ReadSecrets {
  readonly secrets: readonly MasterSecret[]
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
}

const SHAPE = 'must be JSON of the form {"secrets": [{"id": "…", "value": "…"}]}'

/** Reads the master secrets from a file. Anyone who reads that file can sign tokens of this server. */
export function secretsFromFile(path: string): ReadSecrets {
  let text: string
  let mode: number
  try {
    text = readFileSync(path, 'utf8')
    mode = statSync(path).mode
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const message =
      code === 'ENOENT'
        ? `names ${path}, which does not exist; holdfast init writes one`
        : `names ${path}, which cannot be read: ${code ?? 'unknown'}`
    return { secrets: [], faults: [{ path: 'secrets.file', message }], warnings: [] }
  }
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0
  const warnings = open ? [`${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 ${path}`] : []
  return { ...parse(text, 'secrets.file'), warnings }
}

export function secretsFromEnvironment(name: string, text: string | undefined): ReadSecrets {
  if (text === undefined || text === '')
    return {
      secrets: [],
      faults: [
        {
          path: 'secrets.env',
          message: `names the environment variable ${name}, which is not set; holdfast init --print-secrets prints a value for it`,
        },
      ],
      warnings: [],
    }
  return { ...parse(text, 'secrets.env'), warnings: [] }
}

/** One fresh secret in the form of the file. */
export function newSecretsFile(id: string): string {
  return `${JSON.stringify({ secrets: [{ id, value: randomBytes(32).toString('base64url') }] }, undefined, 2)}\n`
}

function parse(text: string, path: string): { readonly secrets: readonly MasterSecret[]; readonly faults: readonly Fault[] } {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    // Not the parser's own message: it quotes.
    return { secrets: [], faults: [{ path, message: SHAPE }] }
  }
  const list = isRecord(content) ? content['secrets'] : undefined
  if (!Array.isArray(list) || list.length === 0) return { secrets: [], faults: [{ path, message: `${SHAPE}, with at least one secret` }] }
  const faults: Fault[] = []
  const secrets: MasterSecret[] = []
  for (const [index, one] of list.entries()) {
    const { id, value } = isRecord(one) ? one : {}
    const fault = (message: string): void => void faults.push({ path, message: `secrets[${index}] ${message}` })
    if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,32}$/.test(id)) fault('must have an id of 1 to 32 letters, digits, - or _')
    else if (secrets.some((before) => before.id === id)) fault(`must not have the id ${id} of another`)
    if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{43,}$/.test(value))
      fault('must have a value of at least 32 random bytes in base64url')
    else if (new Set(value).size < 16) fault('must have a random value; holdfast init --print-secrets prints one')
    else if (typeof id === 'string') secrets.push({ id, value: new Uint8Array(Buffer.from(value, 'base64url')) })
  }
  return { secrets, faults }
}
