/** Addresses that lead elsewhere, and the sign-out that is to lead there. */
import { SECRET } from './installation.mjs'
import { Browser, post, VERIFIER } from './thief.mjs'
import { codeOf } from './world.mjs'

export const SIGNED_OUT = 'https://portal.example.com/signed-out'

/** What a check for "an address of this site" has let through elsewhere. */
export const LOCAL = [
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/\u0000/evil.example',
  '/%09/evil.example',
  '/device/../\t/evil.example',
  '///evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  'https://evil.example',
  'HTTPS://evil.example',
  '@evil.example',
  '.evil.example',
  ':80@evil.example',
  'javascript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,x',
  'device@evil.example',
  '//evil.example/device',
  'https://evil.example/device',
  '__proto__',
  'constructor',
]

/** Near the address that is registered, or of somebody else. */
export const HOSTILE = [
  'https://evil.example/signed-out',
  'https://portal.example.com@evil.example/signed-out',
  'https://portal.example.com:443@evil.example/signed-out',
  'https://evil.example/https://portal.example.com/signed-out',
  'https://portal.example.com.evil.example/signed-out',
  'https://portal.example.com\\@evil.example/signed-out',
  'https://portal.example.com/signed-out@evil.example',
  'https://portal.example.com/signed-out/../callback',
  'https://portal.example.com/signed-out?next=https://evil.example',
  'https://portal.example.com/signed-out#https://evil.example',
  'https://portal.example.com:8443/signed-out',
  'https://portal.example.com/signed-out/',
  'https://portal.example.com/Signed-Out',
  'HTTPS://portal.example.com/signed-out',
  'http://portal.example.com/signed-out',
  ' https://portal.example.com/signed-out',
  'https://portal.example.com/signed-out\n',
  'https://desk.example.com/signed-out',
]

/** An ID token of the web client: with it nobody is asked. */
export async function webHint(world, username = 'victim') {
  const code = await codeOf(world, { client_id: 'web', redirect_uri: 'https://portal.example.com/callback' }, username)
  const client = { client_id: 'web', client_secret: SECRET }
  const { body } = await post(`${world.issuer}/token`, { grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...client })
  if (body.id_token === undefined) throw new Error(`no ID token: ${body.error}`)
  return body.id_token
}

/** In a browser where nobody is signed in: what comes then is what came after a sign-out. */
export const signOut = (world, fields) => new Browser().go(`${world.issuer}/end-session?${new URLSearchParams(fields)}`)
