// Old syntax: npm runs this on the machine's own Node, however old, before anything is installed.
'use strict';

var childProcess = require('child_process');
var fs = require('fs');
var path = require('path');

var ROOT = path.join(__dirname, '..');
/** The Node that the checkout pins, whatever the machine has. */
var NODE = path.join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

var SOURCES = ['src', 'app-image/src', 'app-image/pictures', 'app-image/build.ts', 'scenarios', 'scripts', 'package-lock.json'];
var BUILT = ['dist/main.js', 'app-image/dist/web.js'];

function say(text) {
  process.stderr.write(text + '\n');
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Compares what is installed with the lock file, by version: times say nothing after a git checkout. */
function isInstallStale() {
  var wanted = readJson('package-lock.json').packages;
  var installed = readJson('node_modules/.package-lock.json');
  if (installed === undefined || !fs.existsSync(NODE)) return true;
  return Object.keys(wanted).some(function (name) {
    if (name === '') return false;
    var found = installed.packages[name];
    return found === undefined ? wanted[name].optional !== true : found.version !== wanted[name].version;
  });
}

/** The latest change of a file or of anything below a folder; a folder's own time tells of files that were removed. */
function newestTime(entry) {
  var stats = fs.statSync(entry);
  if (!stats.isDirectory()) return stats.mtime.getTime();
  return fs.readdirSync(entry).reduce(function (newest, name) {
    return Math.max(newest, newestTime(path.join(entry, name)));
  }, stats.mtime.getTime());
}

function isBuildStale() {
  var built = BUILT.map(function (file) {
    var absolute = path.join(ROOT, file);
    return fs.existsSync(absolute) ? fs.statSync(absolute).mtime.getTime() : 0;
  });
  var oldest = Math.min.apply(null, built);
  return SOURCES.some(function (source) {
    return newestTime(path.join(ROOT, source)) > oldest;
  });
}

/** Runs a command to its end with the terminal as it is, and ends with its status if it fails. */
function mustRun(command, args) {
  var result = childProcess.spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2] });
  if (result.status === 0) return;
  say((result.error ? result.error.message : command + ' ' + args.join(' ') + ' failed') + '; what it said is above');
  process.exit(result.status || 4);
}

function install() {
  say('installing the dependencies that package-lock.json names (npm ci)');
  // The tools that build and test are among them, whatever NODE_ENV says.
  var args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  var npm = process.env.npm_execpath;
  if (npm && /\.[cm]?js$/.test(npm)) mustRun(process.execPath, [npm].concat(args));
  else mustRun('npm', args);
  if (fs.existsSync(NODE)) return;
  say('npm ci did not install Node 24: its packages may not run their install scripts here (npm config get ignore-scripts)');
  process.exit(4);
}

/** Installs and builds what is missing or older than its sources; silent when there is nothing to do. */
function prepare() {
  if (isInstallStale()) install();
  if (!isBuildStale()) return;
  say('building');
  mustRun(NODE, ['scripts/build.ts']);
}

/** Runs the pinned Node in our place: its terminal, its signals and its exit status are ours. */
function become(args) {
  var child = childProcess.spawn(NODE, args, { cwd: process.cwd(), stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      // ^C reaches the whole foreground group by itself; a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  });
  child.on('error', function (error) {
    say(NODE + ': ' + error.message);
    process.exit(4);
  });
  child.on('exit', function (status, signal) {
    if (signal === null) process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

module.exports = { ROOT: ROOT, NODE: NODE, prepare: prepare, mustRun: mustRun, become: become };

if (require.main === module) prepare();
