import { type Access, createGuard } from '@holdfast/guard'
import { nestGuard } from '@holdfast/mount/nest'
import { Controller, Get, Req, UseGuards } from '@nestjs/common'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
@Controller('/orders')
@UseGuards(nestGuard((request) => guard.check(request, { scopes: ['orders:read'] })))
export class Orders {
  @Get() list(@Req() { auth }: { auth: Access }): object { return { owner: auth.subject } }
}
