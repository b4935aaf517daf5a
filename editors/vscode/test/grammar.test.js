// The grammar as an editor applies it: vscode-textmate on the shipped specs and on lines of our own.

const assert = require("node:assert/strict");
const { readFileSync, readdirSync } = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const root = path.join(__dirname, "..");
const specs = path.join(root, "..", "..", "specs");

async function grammar() {
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const file = path.join(root, "syntaxes", "fleet.tmLanguage.json");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(file, "utf8"), file),
  });
  const loaded = await registry.loadGrammar("source.fleet");
  assert.ok(loaded);
  return loaded;
}

const loaded = grammar();

async function words(text) {
  const found = [];
  let stack = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = (await loaded).tokenizeLine(line, stack);
    stack = ruleStack;
    for (const token of tokens) {
      found.push([line.slice(token.startIndex, token.endIndex).trim(), token.scopes.at(-1)]);
    }
  }
  return found.filter(([word]) => word !== "");
}

async function scope(text, word) {
  const found = (await words(text)).find(([one]) => one === word);
  assert.ok(found, `no token ${word} in ${text}`);
  return found[1];
}

test("a declaration is a keyword and a name", async () => {
  assert.equal(await scope('fleet desk "Desk" {', "fleet"), "keyword.declaration.fleet");
  assert.equal(await scope("  pool triage {", "triage"), "entity.name.type.fleet");
  assert.equal(await scope("  pool $region-worker like base {", "pool"), "keyword.declaration.fleet");
});

test("a clause begins with its word wherever a statement begins", async () => {
  for (const line of ["  timeout 6s", "{ timeout 6s }", "; timeout 6s", "retry 2 { budget 20%; timeout 6s }"]) {
    assert.equal(await scope(line, "timeout"), "keyword.control.fleet", line);
  }
  assert.notEqual(await scope("serves timeout", "timeout"), "keyword.control.fleet");
});

test("quantities with and without a unit", async () => {
  for (const text of ["30s", "8_000/s", "$0.68/h", "20%", "x1.5", "1/50", "128Mi", "250"]) {
    assert.equal(await scope(`  drain ${text}`, text), "constant.numeric.fleet", text);
  }
});

test("comments, texts with escapes, variables, arrows", async () => {
  assert.equal((await words("# pool x")).at(-1)[1], "comment.line.number-sign.fleet");
  assert.equal(await scope('image "a # \\" b"', '\\"'), "constant.character.escape.fleet");
  assert.equal(await scope("steady $peak", "$peak"), "variable.other.fleet");
  assert.equal(await scope("call a -> b", "->"), "keyword.operator.fleet");
  assert.equal(await scope("limit 200 pending", "pending"), "constant.language.fleet");
});

test("in the shipped specs every statement begins with a keyword", async () => {
  const files = readdirSync(specs).filter((name) => name.endsWith(".fleet"));
  assert.ok(files.length > 3);
  for (const name of files) {
    for (const line of readFileSync(path.join(specs, name), "utf8").split("\n")) {
      const [first] = await words(line);
      if (first && /^[a-z]/.test(first[0])) {
        assert.match(first[1], /^keyword\.(control|declaration)\.fleet$/, `${name}: ${line}`);
      }
    }
  }
});
