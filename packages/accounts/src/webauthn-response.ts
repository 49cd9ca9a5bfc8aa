/** The JSON that browsers make of a credential (WebAuthn Level 3 §5.1: `PublicKeyCredential.toJSON`), read strictly: it comes from outside. */

/** Characters. One without attestation has some 1000; with a large RSA key and extensions still below this. */
const LONGEST = 16_384
/** WebAuthn Level 3 §4: a credential id has at most 1023 bytes. */
const LONGEST_CREDENTIAL_ID = 1023
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const
type Transport = (typeof TRANSPORTS)[number]

export interface RegistrationResponse {
  readonly id: string
  readonly clientDataJSON: string
  readonly attestationObject: string
  readonly transports: readonly Transport[]
}

export interface AssertionResponse {
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
  /** Whose the authenticator says the passkey is, base64url. */
  readonly userHandle: string | undefined
}

export function readRegistration(text: string): RegistrationResponse | undefined {
  const read = readCredential(text)
  if (read === undefined) return undefined
  const [{ id, clientDataJSON }, { attestationObject, transports }] = read
  return isBase64url(attestationObject) ? { id, clientDataJSON, attestationObject, transports: knownTransports(transports) } : undefined
}

export function readAssertion(text: string): AssertionResponse | undefined {
  const read = readCredential(text)
  if (read === undefined) return undefined
  const [{ id, clientDataJSON }, { authenticatorData, signature, userHandle = null }] = read
  if (!isBase64url(authenticatorData) || !isBase64url(signature) || !(userHandle === null || isBase64url(userHandle))) return undefined
  return { id, clientDataJSON, authenticatorData, signature, userHandle: userHandle ?? undefined }
}

/** What has no meaning to us is told to nobody; what a later WebAuthn may add is no fault. */
export function knownTransports(given: unknown): readonly Transport[] {
  return Array.isArray(given) ? TRANSPORTS.filter((one) => given.includes(one)) : []
}

type Members = Readonly<Partial<Record<'attestationObject' | 'transports' | 'authenticatorData' | 'signature' | 'userHandle', unknown>>>

function readCredential(text: string): readonly [{ readonly id: string; readonly clientDataJSON: string }, Members] | undefined {
  const json = text.length > LONGEST ? undefined : parsed(text)
  if (!isObject(json) || !isObject(json['response'])) return undefined
  const { id, rawId, type, response } = json
  const clientDataJSON = response['clientDataJSON']
  if (type !== 'public-key' || !isCredentialId(id) || rawId !== id || !isBase64url(clientDataJSON)) return undefined
  return [{ id, clientDataJSON }, response]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isBase64url = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value)

/** In its one form: the bytes of an id written otherwise would be a second record. */
function isCredentialId(value: unknown): value is string {
  if (!isBase64url(value)) return false
  const bytes = Buffer.from(value, 'base64url')
  return bytes.length <= LONGEST_CREDENTIAL_ID && bytes.toString('base64url') === value
}
