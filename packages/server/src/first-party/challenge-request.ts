import type { Form } from '@holdfast/protocol/form'
import type { Presenter } from './auth-session.ts'

/** Who asks, and with what. */
export interface ChallengeRequest extends Presenter {
  readonly form: Form
  readonly address: string
}
