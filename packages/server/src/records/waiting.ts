import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { AuthorizationRequest } from '../authorization/request.ts'

/** RFC 9126: a request that waits for its browser. */
export interface PushedRequestRecord {
  readonly secretHash: string
  readonly clientId: string
  readonly request: AuthorizationRequest
}

/** A request that is answered in another place than it was made, while its client asks again and again. */
export interface PolledRequest {
  readonly secretHash: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** The key of the proof that came with the request: only its holder may have the answer (DEV-10). */
  readonly dpopJkt: string | undefined
  /** The attested instance that asked (ABCA-14). */
  readonly instance: string | undefined
  readonly requestedAt: EpochSeconds
  /** The record outlives it, so that a late poll is told that it is late (DEV-23). */
  readonly endsAt: EpochSeconds
  /** Grows for good by every poll that was too fast (RFC 8628 §3.5). */
  readonly interval: Seconds
  readonly polledAt: EpochSeconds | undefined
  /** When `interval` grew last: it does so once a second at most, so that a flood of polls does not fight over the record. */
  readonly slowedAt: EpochSeconds | undefined
  readonly state: 'pending' | 'approved' | 'denied' | 'redeemed'
  /** From the approval on. */
  readonly grantId: string | undefined
}

/** RFC 8628: a device that waits for a person. */
export interface DeviceRequestRecord extends PolledRequest {
  /** Of the `user_code` that leads here: deleted with the answer (DEV-18). */
  readonly userCodeId: string
  /** Where the request came from: shown to the person, who may know that it is not their device. */
  readonly address: string
}

/** CIBA Core §7: a client that waits for a person whom it named. */
export interface BackchannelRequestRecord extends PolledRequest {
  readonly subject: string
  /** The same while it is pending, and absent after: what the person is asked is listed by it. */
  readonly pendingFor: string | undefined
  /** Client and person, hashed, while it is pending: how many of one client's wait is counted by it. */
  readonly pendingFrom: string | undefined
  /** What the client shows too, so that the person sees that both mean the same (CIBA-09). */
  readonly bindingMessage: string | undefined
  /** With ping: the client's token, encrypted; who reads the store cannot call the client with it. */
  readonly notificationToken: string | undefined
}
