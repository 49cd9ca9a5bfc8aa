import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Surroundings } from '../command.ts'

/** An empty folder, which goes with the test. */
export function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'create-holdfast-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Terminal extends Surroundings {
  readonly printed: { out: string; err: string }
}

/** A program that nobody watches. */
export function terminal(directory: string, userAgent?: string, node = '24.21.0'): Terminal {
  const printed = { out: '', err: '' }
  return {
    directory,
    machine: { node, platform: 'linux-x64' },
    userAgent,
    isTTY: false,
    printed,
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
  }
}
