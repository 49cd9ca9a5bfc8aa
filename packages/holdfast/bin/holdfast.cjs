#!/usr/bin/env node
'use strict'
// In ES5, so that any Node can say what is missing. An old one looks for the Node that is pinned in node_modules.
var fs = require('fs')
var path = require('path')

var WANTED = [24, 15]

function isNewEnough(version) {
  var parts = version.replace(/^v/, '').split('.')
  return Number(parts[0]) > WANTED[0] || (Number(parts[0]) === WANTED[0] && Number(parts[1]) >= WANTED[1])
}

function pinnedNode(from) {
  var directory = from
  for (;;) {
    var candidate = path.join(directory, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (fs.existsSync(candidate)) return candidate
    var parent = path.dirname(directory)
    if (parent === directory) return undefined
    directory = parent
  }
}

function respawn(node) {
  // The mark keeps an old Node in node_modules from calling itself for ever.
  var environment = Object.assign({}, process.env, { HOLDFAST_RESPAWNED: '1' })
  var signals = ['SIGTERM', 'SIGINT', 'SIGHUP']
  var child
  // Before the child is there: a signal in between would end this process and leave the other behind.
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit', env: environment })
  child.on('error', tooOld)
  child.on('exit', function (code, signal) {
    signals.forEach(function (one) {
      process.removeAllListeners(one)
    })
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}

function tooOld() {
  process.stderr.write('holdfast needs Node >= ' + WANTED.join('.') + ', found ' + process.version + '\n')
  process.exit(1)
}

if (isNewEnough(process.version)) {
  delete process.env.HOLDFAST_RESPAWNED
  // Compiled code is kept between starts, where the temporary directory can be written.
  require('module').enableCompileCache()
  require('../dist/main.js')
} else {
  var node = process.env.HOLDFAST_RESPAWNED ? undefined : pinnedNode(__dirname)
  if (node) respawn(node)
  else tooOld()
}
