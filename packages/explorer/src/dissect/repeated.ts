/**
 * A name that stands twice in one object of a JSON text (RFC 7515 §4: it must not). Readers differ in which of the two counts, so
 * that a receiver may act on another than the one that was looked at.
 */
export function repeatedMember(json: string): string | undefined {
  const objects: (Set<string> | undefined)[] = []
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{') objects.push(new Set())
    else if (token === '[') objects.push(undefined)
    else if (token === '}' || token === ']') objects.pop()
    else if (colon !== undefined) {
      const name = String(JSON.parse(token.slice(0, -colon.length)))
      if (objects.at(-1)?.has(name) === true) return name
      objects.at(-1)?.add(name)
    }
  }
  return undefined
}
