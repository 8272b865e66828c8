#!/usr/bin/env node
// Old syntax: any Node must be able to read this file, so that it can say which one is needed.
'use strict';

var fs = require('fs');
var path = require('path');

var NEEDED = [22, 19];
var root = path.join(__dirname, '..');

function isNewEnough(version) {
  var parts = version.split('.');
  var major = Number(parts[0]);
  return major > NEEDED[0] || (major === NEEDED[0] && Number(parts[1]) >= NEEDED[1]);
}

function refuse(message, hint) {
  process.stderr.write('pets-console: ' + message + '\n  ' + hint + '\n');
  process.exitCode = 2;
}

function isCheckout() {
  return fs.existsSync(path.join(root, 'src')) && fs.existsSync(path.join(root, 'package-lock.json'));
}

if (!isNewEnough(process.versions.node)) {
  refuse(
    'needs Node ' + NEEDED.join('.') + ' or newer, and this is Node ' + process.versions.node + ' (' + process.execPath + ')',
    isCheckout()
      ? 'in a checkout, npx pets-console and npm start run on the Node 24 that npm ci installs beside it'
      : 'install a newer one: https://nodejs.org/en/download'
  );
} else if (!fs.existsSync(path.join(root, 'dist', 'main.js'))) {
  refuse(
    'is not built: dist/main.js is missing',
    isCheckout() ? 'npm run build; or npm start, which installs and builds' : 'install it again'
  );
} else {
  require('./enter.cjs');
}
