import { createGuard } from '@holdfast/guard'
import { nextMiddleware } from '@holdfast/mount/next'
import { NextResponse } from 'next/server'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const secret = Buffer.from(process.env['HANDOVER_SECRET'] ?? '', 'base64url')
export const proxy = nextMiddleware((request) => guard.check(request, { scopes: ['orders:read'] }), NextResponse, { secret })
export const config = { matcher: '/orders' }
