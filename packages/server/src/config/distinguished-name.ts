/**
 * Distinguished names as text (RFC 4514), read so that two texts of one name give the same value (RFC 4517 §4.2.15).
 * `undefined` is the answer to whatever is not read exactly: a name that is in doubt never equals another (MTLS-08).
 */

/** Types of attributes by their short names, which RFC 4514 §3, RFC 4519 and OpenSSL write, in lower case. Values of all compare without case. */
const TYPES: Readonly<Record<string, string>> = {
  cn: '2.5.4.3',
  sn: '2.5.4.4',
  surname: '2.5.4.4',
  serialnumber: '2.5.4.5',
  c: '2.5.4.6',
  l: '2.5.4.7',
  st: '2.5.4.8',
  street: '2.5.4.9',
  o: '2.5.4.10',
  ou: '2.5.4.11',
  title: '2.5.4.12',
  description: '2.5.4.13',
  businesscategory: '2.5.4.15',
  postalcode: '2.5.4.17',
  name: '2.5.4.41',
  gn: '2.5.4.42',
  givenname: '2.5.4.42',
  initials: '2.5.4.43',
  generationqualifier: '2.5.4.44',
  dnqualifier: '2.5.4.46',
  pseudonym: '2.5.4.65',
  organizationidentifier: '2.5.4.97',
  uid: '0.9.2342.19200300.100.1.1',
  dc: '0.9.2342.19200300.100.1.25',
  emailaddress: '1.2.840.113549.1.9.1',
  jurisdictionl: '1.3.6.1.4.1.311.60.2.1.1',
  jurisdictionst: '1.3.6.1.4.1.311.60.2.1.2',
  jurisdictionc: '1.3.6.1.4.1.311.60.2.1.3',
}

const TYPE = / *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= */y
const STRING = /(?!#)(?:[^\0"+,;<>\\]|\\(?:[ "#+,;<=>\\]|[0-9A-Fa-f]{2}))+/y
const HEXADECIMAL = /#((?:[0-9A-Fa-f]{2}){3,}) */y
const OID = /^[0-2](?:\.(?:0|[1-9]\d*))+$/

/** One relative name: attributes without an order, as `type=value` in the order of their text. */
export type RelativeName = readonly string[]

/**
 * Reads the text of RFC 4514. Spaces around separators are allowed, as RFC 2253 and most programs write them.
 *
 * @returns the relative names in the order of the text, the most specific first; undefined when it is no such text, is
 *   empty, or has an attribute type that is unknown here: write that as its OID
 */
export function parseDistinguishedName(text: string): readonly RelativeName[] | undefined {
  const names: string[][] = [[]]
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found ?? undefined
  }
  for (;;) {
    const type = take(TYPE)?.[1]
    const hexadecimal = take(HEXADECIMAL)?.[1]
    const value = hexadecimal === undefined ? unescaped(take(STRING)?.[0] ?? '') : stringOf(Buffer.from(hexadecimal, 'hex'))
    const one = attribute(type ?? '', value)
    if (one === undefined) return undefined
    names.at(-1)?.push(one)
    if (at === text.length) return names.map((name) => name.toSorted())
    const separator = text[at++]
    if (separator === ',') names.push([])
    else if (separator !== '+') return undefined
  }
}

/** `type=value` in the one spelling that equal attributes share; undefined when the type is unknown, or the value empty or no text. */
export function attribute(type: string, value: string | undefined): string | undefined {
  const oid = OID.test(type) ? type : Object.hasOwn(TYPES, type.toLowerCase()) ? TYPES[type.toLowerCase()] : undefined
  if (oid === undefined || value === undefined) return undefined
  // RFC 4518: case and insignificant spaces do not count. What looks alike only (§2.3, NFKC) stays apart: a name is granted power here.
  const folded = value.normalize('NFC').toLowerCase().normalize('NFC').replaceAll(/ +/g, ' ').trim()
  // A control character in a name is there to be overlooked (RFC 8705 §7.5).
  return folded === '' || /\p{Cc}/u.test(folded) ? undefined : `${oid}=${folded}`
}

const ESCAPED = /\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gsu

/** RFC 4514 §2.4: pairs of hexadecimal digits are octets of UTF-8. */
export function unescaped(text: string): string | undefined {
  const parts = [...text.matchAll(ESCAPED)].map(([, octet, special, plain]) =>
    octet === undefined ? Buffer.from(special ?? plain ?? '') : Buffer.from(octet, 'hex'),
  )
  return utf8(Buffer.concat(parts))
}

/** The ASN.1 strings that ASCII or UTF-8 reads: UTF8String, PrintableString, IA5String. */
const STRING_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16])

/** `#` and the value's BER (RFC 4514 §2.4), for types without a short name: a whole string of one of these kinds. */
function stringOf(ber: Buffer): string | undefined {
  const [tag = 0, length = 0] = ber
  const long = length === 0x81
  const content = ber.subarray(long ? 3 : 2)
  return STRING_TAGS.has(tag) && content.length === (long ? ber[2] : length) ? utf8(content) : undefined
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
