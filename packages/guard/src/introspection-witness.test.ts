import type { Finding, NamedCheck } from '@holdfast/protocol/witness'
import { dpopCheckNames } from '@holdfast/proof'
import { json } from '@holdfast/protocol/http'
import { describe, expect, test } from 'vitest'
import { createGuard, type Guard } from './index.ts'
import { answerChecks } from './introspection-answer.ts'
import { API, type Call, ISSUER, proofFor, requestOf, START } from './test/api.ts'
import { activeAnswer, type Asked, BEARER, SECRET, startAsked } from './test/asked-issuer.ts'

const TOKEN = 'at_opaque'
const OTHER = 'https://other.example'
const BEARER_CALL: Call = { token: TOKEN, scheme: 'Bearer' }
const REQUEST = ['request: Authorization once', 'request: token68', 'request: no token in query']
const ANSWER = ['active', 'iss', 'aud', 'required members', 'exp', 'nbf', 'key named'].map((check) => `access token: ${check}`)
const BINDING = ['cnf', 'bound under DPoP', 'not bound under Bearer', 'DPoP where required', 'binding where required'].map(
  (check) => `binding: ${check}`,
)
const PROOF = [...['sent', ...dpopCheckNames].map((check) => `DPoP proof: ${check}`), 'binding: cnf.jkt']

function knowing(answer: Readonly<Record<string, unknown>>): Asked {
  const api = startAsked()
  api.tokens.set(TOKEN, answer)
  return api
}

async function heard(guard: Guard, call: Call): Promise<{ readonly names: string[]; readonly list: Finding[]; readonly error: unknown }> {
  const list: Finding[] = []
  const verdict = await guard.check({ ...requestOf(call), witness: (finding) => list.push(finding) })
  const error = verdict.kind === 'refused' ? (JSON.parse(verdict.reply.body) as Record<string, unknown>)['error_description'] : 'none'
  return { names: list.map(({ about, check }) => `${about}: ${check}`), list, error }
}

describe('what a witness hears of a token that the issuer is asked about', () => {
  test('INT-05 INT-06 each check of the answer, then those of every token', async () => {
    expect(await heard(knowing(activeAnswer(BEARER)).guard, BEARER_CALL)).toMatchObject({
      names: [...REQUEST, ...ANSWER, ...BINDING],
      error: 'none',
    })
    const proved = await heard(knowing(activeAnswer()).guard, { token: TOKEN, proof: proofFor(TOKEN) })
    const last = ['DPoP proof: jti is new', 'DPoP proof: iat since start, again']
    expect(proved).toMatchObject({ names: [...REQUEST, ...ANSWER, ...BINDING, ...PROOF, ...last], error: 'none' })
  })

  test('INT-05 an answer that was kept makes the same list as one that is new, yes and no alike', async () => {
    const api = knowing(activeAnswer(BEARER))
    await api.call(BEARER_CALL)
    expect((await heard(api.guard, BEARER_CALL)).names).toEqual([...REQUEST, ...ANSWER, ...BINDING])
    const no = { ...BEARER_CALL, token: 'at_unknown' }
    await api.call(no)
    expect((await heard(api.guard, no)).names).toEqual([...REQUEST, 'access token: active'])
    // Without a witness what is kept is used.
    const { length } = api.questions
    await api.call(BEARER_CALL)
    expect(api.questions).toHaveLength(length)
  })

  test('INT-05 of two at once each hears all', async () => {
    const { guard } = knowing(activeAnswer(BEARER))
    const both = await Promise.all([heard(guard, BEARER_CALL), heard(guard, BEARER_CALL)])
    expect(both.map(({ names }) => names)).toEqual([
      [...REQUEST, ...ANSWER, ...BINDING],
      [...REQUEST, ...ANSWER, ...BINDING],
    ])
  })

  test.each([
    ['INT-05', 'active', { active: false }],
    ['TOK-12', 'iss', { iss: OTHER }],
    ['INT-06', 'aud', { aud: OTHER }],
    ['TOK-12', 'required members', { sub: undefined }],
    ['TOK-12', 'exp', { exp: START - 10 }],
    ['TOK-12', 'nbf', { nbf: START + 11 }],
    ['DPOP-49', 'key named', { cnf: undefined }],
  ])('%s the list ends in what refused it: %s', async (rule, check, over) => {
    const { names, list, error } = await heard(knowing(activeAnswer(over)).guard, BEARER_CALL)
    expect(names).toEqual([...REQUEST, ...ANSWER.slice(0, ANSWER.indexOf(`access token: ${check}`) + 1)])
    expect(list.at(-1)).toEqual({ about: 'access token', check, rule, refused: error })
    expect(list.slice(0, -1).filter(({ refused }) => refused !== undefined)).toEqual([])
  })

  test('INT-06 a row that is taken out is heard of no more, and refuses no more', async () => {
    const rows = answerChecks as unknown as NamedCheck<never, never>[]
    const index = rows.findIndex(({ name }) => name === 'aud')
    const [row] = rows.splice(index, 1)
    try {
      const { names, error } = await heard(knowing(activeAnswer({ ...BEARER, aud: OTHER })).guard, BEARER_CALL)
      expect([names, error]).toEqual([[...REQUEST, ...ANSWER, ...BINDING].filter((name) => name !== 'access token: aud'), 'none'])
    } finally {
      rows.splice(index, 0, row as NamedCheck<never, never>)
    }
  })

  test('TOK-12 of several issuers that are asked in turn, the one whose answer counts', async () => {
    const api = startAsked()
    api.net.host(OTHER, () => Promise.resolve(json(200, { ...activeAnswer(BEARER), iss: OTHER })))
    const introspection = { clientId: 'api', clientSecret: SECRET, tokenPrefix: 'at_' }
    const guard = createGuard({
      issuers: [
        { issuer: ISSUER, introspection: { ...introspection, endpoint: `${ISSUER}/introspect` } },
        { issuer: OTHER, introspection: { ...introspection, endpoint: `${OTHER}/introspect` } },
      ],
      resource: API,
      clock: api.clock,
      fetch: api.net.fetch as typeof fetch,
    })
    expect(await heard(guard, BEARER_CALL)).toMatchObject({
      names: [...REQUEST, 'access token: issuer to ask', ...ANSWER, ...BINDING],
      error: 'none',
    })
    api.net.host(OTHER, () => Promise.resolve(json(200, { active: false })))
    expect((await heard(guard, BEARER_CALL)).names).toEqual([...REQUEST, 'access token: issuer to ask', 'access token: active'])
  })

  test('TOK-15 what it hears holds neither the token nor the secret of this API', async () => {
    const lists = [await heard(knowing(activeAnswer(BEARER)).guard, BEARER_CALL), await heard(startAsked().guard, BEARER_CALL)]
    const text = JSON.stringify(lists.map(({ list }) => list))
    for (const part of [TOKEN, SECRET, 'u_ada']) expect(text).not.toContain(part)
  })
})
