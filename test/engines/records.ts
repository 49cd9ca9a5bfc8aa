import type { Kinds } from '@holdfast/store'

export type TestRecords = {
  readonly left: { readonly pair: string }
  readonly right: { readonly pair: string }
  readonly counter: { readonly count: number }
}

export const testKinds: Kinds<TestRecords> = {
  left: { indexes: ['pair'], id: 'time-ordered', expires: true },
  right: { indexes: [], id: 'given', expires: false },
  counter: { indexes: [], id: 'given', expires: false },
}
