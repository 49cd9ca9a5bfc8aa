/**
 * The requirement lines of docs/standards: `- DPOP-08 MUST AS/RS …`.
 *
 * @typedef {{ id: string, level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY', actors: readonly string[], text: string, digest: string }} Requirement
 */
const LINE = /^- ([A-Z]+-\d+) (MUST NOT|SHOULD NOT|MUST|SHOULD|MAY)\b,?(?: \([^)]*\))?,?\s*(.*)$/
/** An actor is named at the start: `AS refuse …`, `AS/RS …`, `public CL …`, `the AS's own …`, `proxy/AS …`. */
const NAMED = /^(?:(?:public|confidential|the|proxy\/)\s*)*((?:AS|RS|CL|OP|RP|BFF)(?:\/(?:AS|RS|CL|OP|RP|BFF))*)\b/
const ROLE = { AS: 'AS', OP: 'AS', RS: 'RS', CL: 'CL', RP: 'CL', BFF: 'CL' }
const EVERYONE = ['AS', 'RS', 'CL']
/** Where the line names nobody, the heading it stands under may. */
const HEADINGS = [
  [/\bclients?\b.*\bBFF\b|^clients? duties|^BFF\b|^token-mediating/i, ['CL']],
  [/^resource server|^guard\b|^protected resource/i, ['RS']],
  [/^authorization server|\bAS side\b|^AS metadata/i, ['AS']],
]

/**
 * @param {string} digest the name of the file without .md
 * @param {string} markdown
 * @returns {Requirement[]} @throws on a line that looks like a requirement and cannot be read
 */
export function parseDigest(digest, markdown) {
  let heading = ''
  return markdown.split('\n').flatMap((line) => {
    if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '')
    if (!/^- [A-Z]+-\d+\b/.test(line)) return []
    const match = LINE.exec(line)
    if (match === null) throw new Error(`${digest}.md: no level in "${line.slice(0, 60)}"`)
    const [, id, level, text] = match
    return [{ id, level, actors: actorsOf(text, heading), text, digest }]
  })
}

function actorsOf(text, heading) {
  const named = NAMED.exec(text)?.[1]
  if (named !== undefined) return [...new Set(named.split('/').map((name) => ROLE[name]))]
  return HEADINGS.find(([pattern]) => pattern.test(heading))?.[1] ?? EVERYONE
}

/** Those that concern one of the actors. @param {readonly Requirement[]} requirements @param {readonly string[]} actors @returns {Requirement[]} */
export function concerning(requirements, actors) {
  return requirements.filter((one) => one.actors.some((actor) => actors.includes(actor)))
}
