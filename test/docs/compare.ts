/** Where the page says `…`, anything may stand; all else must be as it says, and no member may be kept from the reader. */
export function compare(path: string, written: unknown, got: unknown): readonly string[] {
  if (written === '…' && typeof got === 'number') return []
  if (typeof written === 'string' && written.includes('…')) {
    const pattern = new RegExp(`^${written.split('…').map(escape).join('[^]+')}$`)
    return typeof got === 'string' && pattern.test(got) ? [] : [`${path}: the page says ${written}, the server ${JSON.stringify(got)}`]
  }
  if (Array.isArray(written) && Array.isArray(got)) {
    if (written.at(-1) === '…') return written.slice(0, -1).flatMap((one, i) => compare(`${path}[${i}]`, one, got[i]))
    if (written.length === got.length) return written.flatMap((one, i) => compare(`${path}[${i}]`, one, got[i]))
  } else if (isObject(written) && isObject(got)) {
    const { '…': open, ...members } = written
    const unsaid = open === undefined ? Object.keys(got).filter((name) => !Object.hasOwn(members, name)) : []
    return [
      ...unsaid.map((name) => `${path}.${name}: the server answers it, the page does not say so`),
      ...Object.entries(members).flatMap(([name, value]) => compare(`${path}.${name}`, value, got[name])),
    ]
  } else if (written === got) return []
  return [`${path}: the page says ${JSON.stringify(written)}, the server ${JSON.stringify(got)}`]
}

/** JSON as a page writes it: a number that is different each time is `…` without quotes. */
export function readWritten(json: string): unknown {
  return JSON.parse(json.replaceAll(/: …(?=[,\s}])/g, ': "…"'))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
