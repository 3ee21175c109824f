// Loads the extension's bundle in a fresh process, with nothing behind `vscode`, and prints the milliseconds it took.
const { performance } = require('node:perf_hooks');
const Module = require('node:module');
const { join } = require('node:path');

// Classes are extended and names are read while the bundle loads; nothing is called.
const nothing = new Proxy(class {}, { get: (target, name) => (name in target ? target[name] : nothing) });
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? nothing : load(request, ...rest));
const start = performance.now();
require(join(__dirname, '../../dist/extension.js'));
console.log(performance.now() - start);
