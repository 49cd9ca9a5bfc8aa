import { NextResponse } from 'next/server'
import { nextMiddleware } from '@holdfast/mount/next'
import { platformCertificate } from '../../test/guard-requests/apis.ts'
import { apis, byMiddleware, HANDOVER } from './apis.mjs'

const guarded = nextMiddleware((request) => apis().check(request), NextResponse, HANDOVER, { clientCertificate: platformCertificate })

export const proxy = (request) => (byMiddleware() ? guarded(request) : NextResponse.next())
export const config = { matcher: '/api/:path*' }
