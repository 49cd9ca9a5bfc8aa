export { type AccountFault, type BuiltInAccounts, createAccounts, type NewAccount } from './accounts.ts'
export { Overloaded } from './password.ts'
export { accountKinds, type AccountRecords } from './records.ts'
