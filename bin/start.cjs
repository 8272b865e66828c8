// Old syntax: npm runs this on the machine's own Node, however old, before anything is installed.
'use strict';

// `npm start`: whatever is missing is installed and built, then the console runs, on a lab where no engine is found.
var path = require('path');
var prepare = require('./prepare.cjs');

prepare.prepare();
prepare.become([path.join(__dirname, 'pets-console.cjs'), 'start'].concat(process.argv.slice(2)));
