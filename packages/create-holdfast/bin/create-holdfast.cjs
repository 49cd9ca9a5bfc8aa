#!/usr/bin/env node
'use strict'
// In ES5, so that any Node can say what is missing.
var parts = process.versions.node.split('.')
if (Number(parts[0]) > 20 || (Number(parts[0]) === 20 && Number(parts[1]) >= 12)) {
  void import('../dist/main.js')
} else {
  process.stderr.write('create-holdfast needs Node >= 20.12, found ' + process.version + '\n')
  process.exit(1)
}
