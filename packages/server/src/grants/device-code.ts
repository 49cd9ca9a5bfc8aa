import { polledGrant, type RegisteredGrant } from './open.ts'

/** The request was begun by POST /device_authorization and answered on the pages of /device. */
export const deviceCode: RegisteredGrant = polledGrant({
  type: 'urn:ietf:params:oauth:grant-type:device_code',
  spec: 'RFC 8628 §3.4',
  parameter: 'device_code',
  kind: 'device_request',
})
