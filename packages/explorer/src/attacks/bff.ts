import { during, type PlayedAttack } from '../attack.ts'
import { fromOtherPage, heardOutcome } from '../client/other-page.ts'
import { watch } from '../client/window.ts'
import { headerOf } from '../dissect/parameters.ts'
import { newSecret, toBase64url, utf8, type Members } from '../encoding.ts'
import { Fault } from '../faults.ts'
import { asked, bffOf } from '../flows/bff.ts'
import { newSigningKey, signJws } from '../keys.ts'
import type { Scene } from '../scene.ts'

/** While somebody is signed in at the backend. */
const SIGNED_IN = during(['sign-in', 'sign-out'], 'bff')
const API_PATH = '/api/accounts'
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** A notice that she has signed out, right in all that the thief can know (Back-Channel Logout §2.4). */
function notice({ world, hand, stage }: Scene): Members {
  const iat = Math.floor(stage.now() / 1000)
  return {
    iss: world.issuer,
    aud: hand.clientId,
    iat,
    exp: iat + 120,
    jti: newSecret(),
    sub: world.username ?? 'the person',
    events: { [LOGOUT_EVENT]: {} },
  }
}

function forgedNotice(
  words: Omit<PlayedAttack, 'run' | 'at' | 'standard'>,
  sent: string,
  make: (claims: Members) => Promise<string>,
): PlayedAttack {
  const standard = 'OpenID Connect Back-Channel Logout §2.6'
  return {
    ...words,
    standard,
    at: SIGNED_IN,
    async run(scene) {
      const form = { logout_token: await make(notice(scene)) }
      return heardOutcome(await fromOtherPage(scene, { title: sent, standard, url: `${bffOf(scene)}/bff/backchannel-logout`, form }))
    },
  }
}

const encoded = (members: Members): string => toBase64url(utf8(JSON.stringify(members)))

export const BFF_ATTACKS: readonly PlayedAttack[] = [
  {
    id: 'call-from-other-page',
    title: 'Call the API from a page of his own',
    thief: 'A page that she has open beside this one. Her browser adds her cookie to what he sends, since both are the same site to it.',
    without: 'Every page that she visits could act in her name; where the answer matters, it would still be hidden from him.',
    standard: 'OAuth for Browser-Based Apps §6.1.3.3',
    at: SIGNED_IN,
    async run(scene) {
      const heard = await fromOtherPage(scene, {
        title: 'A page of another origin calls the API with her cookie',
        standard: this.standard,
        url: `${bffOf(scene)}${API_PATH}`,
        withCookies: true,
      })
      const cookie = headerOf(heard.traced.request, 'cookie') !== undefined
      const said = cookie
        ? 'Her cookie came along, and was not enough.'
        : 'Her browser kept the cookie back, and without it nothing could have come of it.'
      return heardOutcome(heard, heard.traced.response.status >= 400 ? said : undefined)
    },
  },
  {
    id: 'answer-of-other-browser',
    title: 'Sign her in as the thief',
    thief: 'A code and a state of a sign-in that he began in his own browser, in a link that he sends to her.',
    without: 'She would go on in his account, and leave there what is hers.',
    standard: 'OAuth 2.1 §7.9',
    at: SIGNED_IN,
    async run(scene) {
      const answer = new URLSearchParams({ code: newSecret(), state: newSecret(), iss: scene.world.issuer })
      const url = `${bffOf(scene)}/bff/callback?${answer.toString()}`
      const back = asked('GET', '/bff/callback')
      const say = 'This is the link that the thief sends. Open it and see what the backend says.'
      const seen = await watch(scene, { url, say, first: back, done: (all) => all.some(back) })
      const traced = seen.find(back)?.traced
      const exchange = scene.exchanges.findLast(({ step, request }) => step === scene.step && request.url === traced?.request.url)?.id
      if (traced === undefined || exchange === undefined) throw new Fault('The link did not arrive.', 'Open it in the window.')
      return heardOutcome({ exchange, traced })
    },
  },
  forgedNotice(
    {
      id: 'logout-unsigned',
      title: 'Sign her out without a signature',
      thief: 'Nothing but what everybody knows: the address for notices of sign-outs, the issuer and the client’s id. He writes alg none.',
      without: 'Anybody could sign out everybody, as often as he likes.',
    },
    'The thief sends a notice without a signature',
    (claims) => Promise.resolve(`${encoded({ alg: 'none', typ: 'logout+jwt' })}.${encoded(claims)}.`),
  ),
  forgedNotice(
    {
      id: 'logout-own-key',
      title: 'Sign her out with a key of his own',
      thief: 'The same, and a key that he made. The notice is right in everything but whose signature it has.',
      without: 'Anybody with a key could sign out everybody.',
    },
    'The thief sends a notice that he signed himself',
    async (claims) => signJws({ alg: 'ES256', typ: 'logout+jwt' }, claims, await newSigningKey()),
  ),
]
