/** Spring Security's oauth2Login in a Spring Boot of this run. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, run, say, world } from '../feature.mjs'
import { backchannelLogout, rpLogout, signingIn, visit } from '../relying-party.mjs'

/** Milliseconds until it answers, on a machine that does other things too. */
const LONGEST_START = 90_000
const origin = world.parties.spring
const cache = new URL('../../.cache/spring/', import.meta.url)
const classpath = readFileSync(new URL('classpath', cache), 'utf8').trim()
const versionOf = (name) => classpath.split(':').flatMap((jar) => new RegExp(`^${name}-(\\d.*)\\.jar$`).exec(basename(jar))?.[1] ?? [])[0]
say({
  versions: {
    'spring-security-oauth2-client': versionOf('spring-security-oauth2-client'),
    'spring-boot': versionOf('spring-boot'),
  },
})

const env = { ...process.env, INTEROP_PORT: new URL(origin).port, INTEROP_SECRET: world.secret, INTEROP_ISSUER: world.issuer }
const child = spawn('java', ['-cp', `${new URL('classes', cache).pathname}:${classpath}`, 'interop.Application'], {
  env,
  stdio: ['ignore', 'pipe', 'pipe'],
})
for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => process.stderr.write(data))

async function started() {
  for (const end = Date.now() + LONGEST_START; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (
      await fetch(`${origin}/goodbye`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    if (child.exitCode !== null || Date.now() > end) throw new Error('Spring Boot did not start')
  }
}

const app = {
  origin,
  home: '/private',
  session: '/session',
  logout: '/logout',
  goodbye: `${origin}/goodbye`,
  silent: '/oauth2/authorization/holdfast?prompt=none',
  refresh: async (browser) => expect((await visit(browser, `${origin}/refresh`)).body, 'yes', 'refresh'),
}
try {
  await started()
  await run({
    ...signingIn(app),
    rp_logout: rpLogout(app),
    backchannel_logout: backchannelLogout(app),
    frontchannel_logout: 'has no address for it',
    session: 'has no page for it',
  })
} finally {
  child.kill('SIGKILL')
}
