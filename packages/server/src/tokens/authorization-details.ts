import { type AuthorizationDetail, parseAuthorizationDetails, sameJson } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { CompiledDetailsType } from '../config/authorization-details.ts'
import type { Client } from '../config/client.ts'
import type { DetailWords } from '../config/detail-words.ts'
import { cover, isWithin } from './detail-subset.ts'

type Details = readonly AuthorizationDetail[]

/** The types of `authorization_details` that this server understands (RFC 9396). */
export class DetailsCatalog {
  readonly #byType: ReadonlyMap<string, CompiledDetailsType>

  constructor(types: readonly CompiledDetailsType[]) {
    this.#byType = new Map(types.map((one) => [one.type, one]))
  }

  get types(): readonly string[] {
    return [...this.#byType.keys()]
  }

  /** One detail of an unknown type, of a type that the client may not ask for or against its schema refuses all (RAR-02, RAR-03). */
  check(details: Details, client: Client): OAuthError | undefined {
    for (const [index, detail] of details.entries()) {
      const at = `authorization_details[${index}]`
      const known = this.#byType.get(detail.type)
      if (known === undefined || !client.authorizationDetailsTypes.includes(detail.type)) {
        const allowed = client.authorizationDetailsTypes.filter((type) => this.#byType.has(type))
        return invalid(
          `${at}: type ${detail.type.slice(0, 64)} is ${known === undefined ? 'unknown' : 'not allowed to this client'}; allowed are ${allowed.length === 0 ? 'none' : allowed.join(', ')}`,
          known === undefined ? 'RAR-02' : 'RAR-03',
        )
      }
      const fault = known.fault(detail)
      if (fault !== undefined) return invalid(`${at} of type ${detail.type}: ${fault}`, 'RAR-02')
    }
    return undefined
  }

  /** Of what was granted, what the client may still have: an operator may have taken a type away since. */
  entitled(granted: Details, client: Client): Details {
    return granted.filter(({ type }) => this.#byType.has(type) && client.authorizationDetailsTypes.includes(type))
  }

  isWithin(requested: AuthorizationDetail, granted: AuthorizationDetail): boolean {
    if (requested.type !== granted.type) return false
    return (this.#byType.get(requested.type)?.isSubset ?? isWithin)(requested, granted)
  }

  /** Those that a person may be spared when asked for again: of a type whose consent lasts (RAR-04). */
  lasting(details: Details): Details {
    return details.filter(({ type }) => this.#byType.get(type)?.once === false)
  }

  /** What a person is shown. */
  words(details: Details): readonly DetailWords[] {
    return details.map((detail) => {
      const known = this.#byType.get(detail.type)
      if (known === undefined) throw new Error(`authorization details of type ${detail.type} are not configured any more`)
      return known.words(detail)
    })
  }

  /** What the grant keeps of what a person allowed (RFC 9396 §7.1). @throws when an operator's function changes the type */
  granted(allowed: Details, who: { readonly subject: string; readonly clientId: string }): Details {
    return allowed.map((detail) => {
      const enriched = this.#byType.get(detail.type)?.enrich?.(detail, who) ?? detail
      if (enriched.type !== detail.type) throw new Error(`enrich of ${detail.type} answered another type`)
      return enriched
    })
  }
}

/** The parameter as JSON, not checked against any type yet: for a grant's `parse`. Undefined: it was not sent. */
export function parseDetails(form: Form): Details | OAuthError | undefined {
  const sent = form.one('authorization_details')
  return sent === undefined || sent instanceof OAuthError ? sent : parseAuthorizationDetails(sent)
}

/**
 * For a grant that asks no person: nobody could allow details there, and a token without them is not what was asked for, so
 * the request is refused as a whole (RFC 9396 §5).
 */
export function detailsFault(form: Form): OAuthError | undefined {
  return form.has('authorization_details')
    ? invalid('authorization_details are granted by a person, and this grant_type asks nobody', 'RAR-05')
    : undefined
}

/** The parameter, checked against the types and the client: for every request that asks a person, or for the client itself. */
export function requestedDetails(form: Form, client: Client, catalog: DetailsCatalog): Details | OAuthError | undefined {
  const details = parseDetails(form)
  return details === undefined || details instanceof OAuthError ? details : (catalog.check(details, client) ?? details)
}

/**
 * What a token request gets of what was granted (RFC 9396 §6): all when it names nothing, else what it names, when
 * each is within one of the granted, and no granted one stands for two: one payment is not two.
 *
 * @param requested as the request has it; undefined when the parameter was not sent
 */
export function narrowed(requested: Details | undefined, granted: Details, client: Client, catalog: DetailsCatalog): Details | OAuthError {
  const mine = catalog.entitled(granted, client)
  if (requested === undefined) return mine
  const fault = catalog.check(requested, client)
  if (fault !== undefined) return fault
  const beyond = cover(requested, mine, (one, other) => catalog.isWithin(one, other))
  return beyond === undefined
    ? requested
    : invalid(`authorization_details[${beyond}] of type ${requested[beyond]?.type} was not granted (RFC 9396 §6)`, 'RAR-06')
}

/** RFC 9396 §9.1: a detail that names locations is for these alone; one without is for everybody whom the token is for. */
export function detailsFor(audience: readonly string[], details: Details): Details {
  return details.filter((detail) => locationsOf(detail)?.some((location) => audience.includes(location)) ?? true)
}

/** RFC 9396 §2.2. Undefined: it names none. Compared as they are, like any text of a detail (RAR-15). */
export function locationsOf({ locations }: AuthorizationDetail): readonly string[] | undefined {
  if (locations === undefined) return undefined
  return Array.isArray(locations) ? locations.filter((one): one is string => typeof one === 'string') : []
}

/** Whether each was allowed before, member by member: what is merely similar is asked again. */
export function allowedBefore(requested: Details, remembered: Details): boolean {
  return requested.every((detail) => remembered.some((one) => sameJson(one, detail)))
}

function invalid(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_authorization_details', description, { rule })
}
