// Old syntax: npm runs this on the machine's own Node, however old, before anything is installed.
'use strict';

// `npm test`: whatever is missing is installed and built, the tools of the tests included, then every test runs.
var path = require('path');
var prepare = require('./prepare.cjs');

prepare.prepare();
prepare.mustRun(prepare.NODE, [path.join(prepare.ROOT, 'scripts', 'install-test-tools.ts')]);
process.chdir(prepare.ROOT);
prepare.become([path.join(prepare.ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run'].concat(process.argv.slice(2)));
