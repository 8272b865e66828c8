'use strict';

// Apart from the launcher, since old versions of Node cannot even parse `import()`.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

// In the user's own cache: the default is a folder in /tmp, where anyone could leave compiled code for root to run.
const { HOME, XDG_CACHE_HOME } = process.env;
const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
if (cache) enableCompileCache(join(cache, 'pets-console', 'compiled'));

void import('../dist/main.js');
