import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.ts'

const mode = (path: string): number => statSync(path).mode & 0o777

describe('init', () => {
  test('writes a configuration that is in order, and secrets for their owner alone', async () => {
    const line = new CommandLine()
    const { code, out } = await line.run('init')
    expect(code).toBe(0)
    expect(out).toContain('wrote ')
    expect(mode(join(line.directory, 'holdfast.secrets.json'))).toBe(0o600)
    const { secrets } = JSON.parse(readFileSync(join(line.directory, 'holdfast.secrets.json'), 'utf8')) as {
      readonly secrets: readonly { readonly id: string; readonly value: string }[]
    }
    expect(secrets).toHaveLength(1)
    expect(secrets[0]?.id).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(Buffer.from(secrets[0]?.value ?? '', 'base64url')).toHaveLength(32)
    expect(out).not.toContain(secrets[0]?.value)
    const check = await line.run('check-config')
    expect(check).toMatchObject({ code: 0, err: '' })
  })
  test('is commented, and in order with every comment taken off too', async () => {
    const line = new CommandLine()
    await line.run('init')
    const path = join(line.directory, 'holdfast.config.yaml')
    const text = readFileSync(path, 'utf8')
    expect(text).toContain('# The address of this server as everybody calls it.')
    // Prose has one space behind its mark, options have none or more. Certificates are not at hand here.
    const uncommented = text
      .replaceAll(/^#(tls:|  certificate:|  key:).*\n/gm, '')
      .replace(/(resources|clients|seed): \[\]/g, '$1:')
      .replaceAll(/^#(?! \S)/gm, '')
    writeFileSync(path, uncommented)
    line.environment['WEB_CLIENT_SECRET'] = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
    line.environment['ADA_PASSWORD'] = 'long enough for Ada'
    const { code, out, err } = await line.run('check-config')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('clients 1, resources 1')
  })
  test('never overwrites: a second run writes nothing and fails', async () => {
    const line = new CommandLine()
    await line.run('init')
    const files = ['holdfast.config.yaml', 'holdfast.secrets.json'].map((name) => join(line.directory, name))
    const before = files.map((path) => readFileSync(path, 'utf8'))
    const { code, err } = await line.run('init', '--issuer', 'https://other.example')
    expect(code).toBe(1)
    expect(err).toContain('holdfast.config.yaml and holdfast.secrets.json exist')
    expect(files.map((path) => readFileSync(path, 'utf8'))).toEqual(before)
  })
  test('adds the secrets to a configuration of another kind', async () => {
    const line = new CommandLine()
    line.write('holdfast.config.json', { issuer: 'https://as.example' })
    const { out } = await line.run('init', '--json')
    expect(JSON.parse(out)).toEqual({ directory: line.directory, wrote: ['holdfast.secrets.json'], kept: ['holdfast.config.json'] })
    expect(existsSync(join(line.directory, 'holdfast.config.yaml'))).toBe(false)
  })
  test('the port of an issuer on this machine is listened on; behind a proxy it is not', async () => {
    const line = new CommandLine()
    await line.run('init', '--directory', 'a', '--issuer', 'http://localhost:4010')
    await line.run('init', '--directory', 'b', '--issuer', 'https://as.example')
    expect(readFileSync(join(line.directory, 'a/holdfast.config.yaml'), 'utf8')).toContain('port: 4010')
    expect(readFileSync(join(line.directory, 'b/holdfast.config.yaml'), 'utf8')).toContain('port: 4000')
  })
  test('an issuer that could not be one is refused before anything is written', async () => {
    const line = new CommandLine()
    const { code, err } = await line.run('init', '--issuer', 'http://as.example')
    expect(code).toBe(2)
    expect(err).toContain('--issuer must be an https address')
    expect(existsSync(join(line.directory, 'holdfast.secrets.json'))).toBe(false)
  })
  test('--print-secrets is for the environment, and writes nothing', async () => {
    const line = new CommandLine()
    const { out } = await line.run('init', '--print-secrets')
    line.environment['KEYS'] = out
    expect(existsSync(join(line.directory, 'holdfast.config.yaml'))).toBe(false)
    expect((await line.run('check-config', '--issuer', 'https://as.example', '--set', 'secrets.env=KEYS')).code).toBe(0)
  })
})
