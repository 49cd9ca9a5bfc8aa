import { ATTACKS } from '../attacks/index.ts'
import { constructionOf, signerWords, thumbprintSteps } from '../dissect/construction.ts'
import { looksLikeJwt, takeApart, type TakenApart } from '../dissect/jwt.ts'
import { type Thread as Tied, threadsOf } from '../dissect/thread.ts'
import { toBase64url } from '../encoding.ts'
import { toCurl } from '../export/curl.ts'
import { toHar } from '../export/har.ts'
import { FLOWS } from '../flows/index.ts'
import type { Exchange, World } from '../model.ts'
import type { PasteCheck } from '../paste/check.ts'
import { guessKind } from '../paste/kind.ts'
import { paste } from '../paste/paste.ts'
import { cleanText } from '../paste/text.ts'
import { createRemoteRun } from '../remote.ts'
import { createRun } from '../run.ts'
import { checkWords } from '../words/checks.ts'
import { explain, type WordPlace } from '../words/explain.ts'
import { keysOf } from './keys-of.ts'
import { jwtIn } from './message-parts.ts'
import { pageStage } from './page-stage.ts'
import type { Catalog, Construction, Engine, PasteFinding, Place, Thread, ToldAttack } from './ports.ts'

const PLACES: Readonly<Record<Place, WordPlace>> = {
  'request header': 'header',
  'response header': 'header',
  query: 'query',
  form: 'form',
  'request json': 'json',
  'response json': 'json',
  'jwt header': 'jose',
  claim: 'claim',
}

/** The one place where the page meets the engine. */
export const engine: Engine = {
  open,
  jwtIn(pasted) {
    const { text } = cleanText(pasted)
    // In a log or a mail one is looked for. A word that is none is not cut to what would be one.
    return looksLikeJwt(text) ? text : /\s/.test(text) ? jwtIn(pasted) : undefined
  },
  dissect(text) {
    const jwt = takeApart(text)
    if (jwt.kind === 'neither' || jwt.header.members === undefined) return undefined
    return {
      kind: guessKind(jwt),
      header: jwt.header.members,
      payload: jwt.payload?.members,
      signingInput: jwt.signingInput ?? '',
      signature: jwt.signature === undefined ? '' : toBase64url(jwt.signature),
      signer: jwt.signature === undefined || jwt.signature.length === 0 ? undefined : `Made with the private key ${signerWords(jwt)}.`,
      construction: () => construction(jwt),
    }
  },
  explain: (place, name, kind) => explain(PLACES[place], name, kind),
  check: checkWords,
  async thread(exchanges) {
    return (await threadsOf(exchanges)).map((tied) => threadOf(tied, exchanges))
  },
  async paste(text, { method, url, issuer, audience, accessToken }) {
    const said = (value: string): string | undefined => (value === '' ? undefined : value)
    const keys = issuer === '' ? undefined : await keysOf(issuer)
    const expected = { issuer: said(issuer), audience: said(audience), method: said(method), url: said(url), token: said(accessToken) }
    const { notes } = cleanText(text)
    const { checks } = await paste(engine.jwtIn(text) ?? text, { now: Date.now(), ...expected, keys: keys?.keys })
    const noted = [...notes, ...(keys?.fault === undefined ? [] : [keys.fault])].map((say) => ({
      state: 'open' as const,
      say,
      section: '',
    }))
    return [...noted, ...checks.map(findingOf)]
  },
  har: (exchanges) => JSON.stringify(toHar(exchanges), undefined, 2),
  curl: toCurl,
}

function open(world: World): Catalog {
  const stage = pageStage(world)
  return {
    flows: FLOWS.map((flow) => ({ ...flow, missing: flow.missing(world) })),
    attacks: ATTACKS.flatMap(({ at, caughtBy, ...attack }) =>
      Object.entries(at).map(([flow, [after, before]]): ToldAttack => ({ ...attack, flow, after, before, check: caughtBy })),
    ),
    start(flowId) {
      const flow = FLOWS.find(({ id }) => id === flowId)
      if (flow === undefined) throw new Error(`there is no flow ${flowId}`)
      if (flow.by === 'backend' && world.backend !== undefined) return createRemoteRun({ backend: world.backend, flow: flowId })
      return createRun(flow, stage)
    },
  }
}

/** Of this very JWT; a proof's key has its thumbprint made too, since that is what the token names. */
async function construction(jwt: TakenApart): Promise<readonly Construction[]> {
  const jwk = jwt.header.members?.['jwk']
  const print = typeof jwk === 'object' && jwk !== null ? await thumbprintSteps(jwk) : []
  return [...(await constructionOf(jwt)), ...print]
}

const SHORT = { jwk: 'key', dpop_jkt: 'jkt', 'cnf.jkt': 'cnf' } as const
const TITLES = {
  jwk: 'jwk in the header of the proof',
  dpop_jkt: 'dpop_jkt of the request',
  'cnf.jkt': 'cnf.jkt of the token',
} as const

function threadOf({ jkt, knots, whole }: Tied, exchanges: readonly Exchange[]): Thread {
  const laneOf = (id: string, side: 'request' | 'response'): Exchange['from'] => {
    const exchange = exchanges.find((one) => one.id === id)
    return (side === 'request' ? exchange?.from : exchange?.to) ?? 'client'
  }
  return {
    id: jkt,
    title: whole ? 'The key, from hand to hand' : 'Another key',
    say: whole
      ? 'One key, from the proof to the token: only who holds it can use the token.'
      : 'This key signed proofs, and no token here is bound to it.',
    value: jkt,
    whole,
    parts: knots.map(({ exchange, of, kind, value }) => ({
      exchange,
      side: of,
      lane: laneOf(exchange, of),
      short: SHORT[kind],
      title: TITLES[kind],
      value,
    })),
  }
}

function findingOf({ state, say, section }: PasteCheck): PasteFinding {
  return { state: state === 'not checked' ? 'open' : state, say, section }
}
