import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { event } from '../events.ts'
import type { Account, SecondFactor } from '../interaction/accounts.ts'
import { passkeysAt } from '../interaction/steps/passkey.ts'
import { Factors, LastFactor } from '../pages/account-factors.tsx'
import type { FactorsModel, PasskeyLineModel } from '../pages/account-models.ts'
import { renderPage, SELF } from '../pages/render.ts'
import { accountCsrf, accountLink, changer, type Done, readChange, told } from './account-request.ts'
import { seeOther } from './answer.ts'
import { stylesheetHref } from './page.ts'
import type { SignedInPerson } from './person.ts'

/** What the person has beside the password. */
export async function factorsOf(as: AuthorizationServer, { sub, secondFactors = [] }: Account): Promise<FactorsModel> {
  const { authenticatorApps } = as.accounts
  const byOperator = secondFactors.includes('otp') ? 'operator' : 'unavailable'
  const has = authenticatorApps === undefined ? undefined : await authenticatorApps.has(sub)
  return { app: has === undefined ? byOperator : has ? 'set' : 'unset', passkeys: await passkeysOf(as, sub) }
}

async function passkeysOf(as: AuthorizationServer, sub: string): Promise<readonly PasskeyLineModel[] | undefined> {
  const listed = await passkeysAt(as)?.passkeys.list(sub)
  return listed?.map(({ id, name, createdAt, usedAt, synced, copySuspectedAt }) => ({
    id,
    name,
    createdAt: new Date(createdAt * 1000),
    usedAt: usedAt === undefined ? undefined : new Date(usedAt * 1000),
    synced,
    copySuspectedAt: copySuspectedAt === undefined ? undefined : new Date(copySuspectedAt * 1000),
  }))
}

/** GET /account/factors: what can be changed about how the person signs in, after a sign-in of now. */
export async function showFactors(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const person = await changer(as, http)
  if ('status' in person) return person
  const page = Factors({
    ...frameOf(as, person),
    factors: await factorsOf(as, person.account),
    addPasskeyHref: endpointUrl(as.issuer, '/account/passkey'),
    back: accountLink(as),
  })
  return renderPage(page, { status: 200, formAction: [SELF] })
}

/** POST /account/factors: begins to set up an app, or removes a factor. */
export async function changeFactors(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readChange(as, http)
  if ('status' in read) return read
  const { person, form } = read
  const { sub } = person.account
  switch (form.one('answer')) {
    case 'begin-app':
      if (as.accounts.authenticatorApps === undefined) break
      await as.accounts.authenticatorApps.begin(sub, new URL(as.issuer).host, as.clock.now())
      return seeOther(endpointUrl(as.issuer, '/account/authenticator-app'))
    case 'remove-app':
      return remove(as, person, form, 'otp', 'app-removed', async () => (await as.accounts.authenticatorApps?.remove(sub)) === true)
    case 'remove-passkey': {
      const id = form.one('passkey')
      if (typeof id !== 'string') break
      return remove(as, person, form, 'passkey', 'passkey-removed', async () => (await as.accounts.passkeys?.remove(sub, id)) === true)
    }
    default:
  }
  return seeOther(endpointUrl(as.issuer, '/account/factors'))
}

/** Removes a factor. For the last one the person says that they are sure: afterwards the password is all. */
async function remove(
  as: AuthorizationServer,
  person: SignedInPerson,
  form: Form,
  factor: SecondFactor,
  done: Done,
  removed: () => Promise<boolean>,
): Promise<Reply> {
  const { app, passkeys = [] } = await factorsOf(as, person.account)
  const passkey = passkeys.find(({ id }) => id === form.one('passkey'))
  const known = factor === 'otp' ? app === 'set' : passkey !== undefined
  const left = passkeys.length + (app === 'set' || app === 'operator' ? 1 : 0) - 1
  if (known && left === 0 && form.one('sure') !== 'yes') return lastFactor(as, person, factor, passkey)
  if (!known || !(await removed())) return seeOther(endpointUrl(as.issuer, '/account/factors'))
  await as.store.commit([event('account.factor_removed', as.clock.now(), { subject: person.account.sub }, { factor })])
  return told(as, person, done)
}

function lastFactor(as: AuthorizationServer, person: SignedInPerson, factor: SecondFactor, passkey: PasskeyLineModel | undefined): Reply {
  const page = LastFactor({
    ...frameOf(as, person),
    fields:
      factor === 'otp'
        ? [['answer', 'remove-app']]
        : [
            ['answer', 'remove-passkey'],
            ['passkey', passkey?.id ?? ''],
          ],
    passkeyName: passkey?.name,
    back: { href: endpointUrl(as.issuer, '/account/factors'), label: 'Keep it' },
  })
  return renderPage(page, { status: 200, formAction: [SELF] })
}

function frameOf(
  as: AuthorizationServer,
  person: SignedInPerson,
): { readonly action: string; readonly csrf: string; readonly stylesheetHref: string } {
  return { action: endpointUrl(as.issuer, '/account/factors'), csrf: accountCsrf(as, person), stylesheetHref: stylesheetHref(as) }
}
