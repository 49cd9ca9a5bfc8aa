import { atName, begun, isSignedIn, MFA, newPerson, passwordGiven, whenAsked } from '../factors.mjs'
import { PASSWORD } from '../installation.mjs'
import { Browser, post, VERIFIER } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const SIGN_IN = `${SERVER}/endpoints/interaction-sign-in.js`
const NEXT = `${SERVER}/interaction/next-step.js`
const FACTOR = `${SERVER}/interaction/steps/second-factor.js`
const ACCOUNTS = 'packages/accounts/dist/accounts.js'

const PASSWORD_IS_ENOUGH = {
  file: `${SERVER}/interaction/steps/login.js`,
  find: "if (!context.authentication.enough(account, ['pwd']))",
  put: 'if (false)',
}

/** What prompt=none says of a browser: with any other word than login_required somebody is signed in. */
async function silently(world, browser, over = {}) {
  const { location } = await browser.go(authorizeUrl(world, { prompt: 'none', ...over }))
  const answer = new URL(location).searchParams
  return answer.get('error') ?? 'a code'
}

async function guessed({ browser, url, page }, codes) {
  const answers = []
  for (const code of codes) answers.push(await browser.submit(page, url, { code }))
  return answers
}

/** @returns in words, how far somebody came who is not to come in */
async function cameIn(world, { browser, url }, person) {
  if ((await browser.go(url)).text.includes('consent-allow')) return 'the consent page'
  if (await isSignedIn(world, browser, person)) return 'signed in'
  const { status } = await browser.go(`${world.issuer}/device`)
  return status === 200 ? 'the page for devices' : undefined
}

async function idTokenOf(world, browser, person) {
  const at = authorizeUrl(world)
  let seen = await through(world, at, browser, person.username)
  const code = new URL(seen.location).searchParams.get('code')
  const fields = { grant_type: 'authorization_code', client_id: 'native', code, code_verifier: VERIFIER }
  seen = await post(`${world.issuer}/token`, fields)
  return seen.body.id_token
}

export const attacks = [
  {
    id: 'A54-skipped',
    title: 'CVE-2026-18963: with the password alone, around the second factor',
    weakening: [
      {
        file: `${SERVER}/config/authentication-policy.js`,
        find: 'secondFactors.some((factor) => provenBy(factor, amr))',
        put: 'true',
      },
    ],
    others: [
      [PASSWORD_IS_ENOUGH, { file: NEXT, find: 'policy.enough(account, amr) && ', put: '' }],
      [
        PASSWORD_IS_ENOUGH,
        { file: `${SERVER}/endpoints/person.js`, find: ' && as.authentication.enough(person.account, person.session.value.amr)', put: '' },
      ],
    ],
    async attack(world) {
      const person = await newPerson(world, 'Skipped')
      const given = await passwordGiven(world, person)
      const { browser, url, page } = given
      const before = await cameIn(world, given, person)
      if (before !== undefined) return { won: true, how: `after the password: ${before}` }
      const answers = [{}, { answer: 'allow' }, { code: '' }, { code: '', answer: 'allow' }, { passkey: '{}' }, { passkey_ticket: 'x' }]
      answers.push({ username: person.username, password: PASSWORD }, { code: '000000\n' }, { code: 'null' })
      for (const fields of answers) {
        await browser.submit(page, url, fields)
        const came = await cameIn(world, given, person)
        if (came !== undefined) return { won: true, how: `by ${JSON.stringify(fields)}: ${came}` }
      }
      // At the page again, as though the password had just been given for another application.
      const places = ['/approve', '/sign-in/device', '/sign-in/approve']
      for (const path of places) {
        const { status, location } = await browser.go(`${world.issuer}${path}`)
        if (status === 200 || location === `${world.issuer}/device`) return { won: true, how: `${path}: ${status}` }
      }
      const silent = await silently(world, browser)
      return { won: silent !== 'login_required', how: `${answers.length} answers, ${places.length + 2} pages; prompt=none: ${silent}` }
    },
  },
  {
    id: 'A54-code',
    title: 'A54: a one-time code that was used is used again by somebody who saw it',
    weakening: [{ file: ACCOUNTS, find: ' || step <= totp.lastStep', put: '' }],
    others: [
      // Checked, and never written down.
      [{ file: ACCOUNTS, find: 'lastStep: step }', put: 'lastStep: 0 }' }],
      // Any code at all.
      [{ file: FACTOR, find: 'if ((await accounts.verifyOneTimeCode?.(subject, code, now)) !== true)', put: 'if (false)' }],
    ],
    async attack(world) {
      const person = await newPerson(world, 'Replayed')
      const code = person.code()
      const here = await passwordGiven(world, person)
      await here.browser.submit(here.page, here.url, { code })
      if (!(await isSignedIn(world, here.browser, person))) throw new Error('the person cannot sign in')
      const spellings = [code, `${code.slice(0, 3)} ${code.slice(3)}`, ` ${code}`, person.code(-1)]
      for (const again of spellings) {
        const there = await passwordGiven(world, person)
        await there.browser.submit(there.page, there.url, { code: again })
        if (await isSignedIn(world, there.browser, person)) return { won: true, how: `a used code was taken: "${again}"` }
      }
      // One code in several browsers at once.
      const next = person.code(1)
      const all = []
      for (let browsers = 0; browsers < 4; browsers++) all.push(await passwordGiven(world, person))
      await Promise.all(all.map(({ browser, page, url }) => browser.submit(page, url, { code: next })))
      const signedIn = await Promise.all(all.map(({ browser }) => isSignedIn(world, browser, person)))
      const times = signedIn.filter(Boolean).length
      return { won: times > 1, how: `${spellings.length} times refused; of ${all.length} at once ${times} signed in` }
    },
  },
  {
    id: 'A54-guessing',
    title: 'A54: one-time codes are guessed: on one password, at once, with many passwords',
    weakening: [{ file: FACTOR, find: 'pending: attempts < TRIES ? ', put: 'pending: true ? ' }],
    others: [
      [
        {
          file: SIGN_IN,
          find: 'const held = await keep(as, found, left);',
          put: 'const held = (await keep(as, found, left)) ?? found;',
        },
      ],
      [{ file: `${SERVER}/interaction/one-time-code-limit.js`, find: 'if (count > allowed)', put: 'if (false)' }],
    ],
    async attack(world) {
      const one = await newPerson(world, 'Guessed')
      const first = await passwordGiven(world, one)
      await guessed(first, one.wrong().slice(0, 5))
      await guessed(first, [one.code()])
      if (await isSignedIn(world, first.browser, one)) return { won: true, how: 'the sixth code for one password was taken' }

      const other = await newPerson(world, 'Guessed')
      const { browser, url, page } = await passwordGiven(world, other)
      const seen = await Promise.all(
        other
          .wrong()
          .slice(0, 9)
          .map((code) => browser.submit(page, url, { code })),
      )
      const looked = seen.filter(({ text }) => text.includes('This code is wrong')).length
      // Those that come late are the next ones, and five are good for one password.
      if (looked > 5) return { won: true, how: `${looked} of 9 codes at once were looked at` }

      const third = await newPerson(world, 'Guessed')
      const codes = third.wrong()
      for (let passwords = 0; passwords < 2; passwords++)
        await guessed(await passwordGiven(world, third), codes.slice(passwords * 5, passwords * 5 + 5))
      const last = await passwordGiven(world, third)
      const [answer] = await guessed(last, [third.code()])
      const won = await isSignedIn(world, last.browser, third)
      return { won, how: `five for a password; ${looked} of 9 at once; after ten the right one: ${answer.status}` }
    },
  },
  {
    id: 'A54-step-up',
    title: 'A54: a step-up goes on after the session that it builds on was ended',
    weakening: [
      { file: NEXT, find: 'return person?.account.sub === pending.subject ?', put: 'return true ?' },
      { file: SIGN_IN, find: 'if (stepUp && ', put: 'if (false && ' },
    ],
    others: [
      // Signed out in the browser alone: the old cookie is good still.
      [{ file: `${SERVER}/sessions/end-session.js`, find: "{ op: 'delete', kind: 'session', id },", put: '' }],
    ],
    attack: (world) =>
      atName(
        world,
        async () => {
          const person = await newPerson(world, 'Stepping up')
          const browser = new Browser()
          const hint = await idTokenOf(world, browser, person)
          const { url, page } = await begun(world, { browser, over: { acr_values: MFA } })
          if (!page.text.includes('code-submit')) throw new Error('no code is asked for')
          // One wrong answer, so that what was proven before is written down.
          await browser.submit(page, url, { code: person.wrong()[0] })
          const other = await begun(world, { browser, over: { prompt: 'login' } })
          await browser.submit(other.page, other.url, { username: 'other', password: PASSWORD })
          const before = new Map(browser.cookies)
          await browser.go(`${world.issuer}/end-session?${new URLSearchParams({ id_token_hint: hint })}`)
          if (await isSignedIn(world, browser, person)) throw new Error('the person is signed in still')
          const ways = { 'in the browser as it is': browser.cookies, 'with the cookies of before': before }
          for (const [name, cookies] of Object.entries(ways)) {
            const thief = new Browser()
            thief.cookies = new Map(cookies)
            const open = await thief.go(url)
            await thief.submit(open, url, { code: person.code() })
            if (await isSignedIn(world, thief, person)) return { won: true, how: `${name} the code signs in` }
          }
          return { won: false, how: 'the code opens nothing: in the browser as it is, and with the cookies of before' }
        },
        whenAsked,
      ),
  },
]
