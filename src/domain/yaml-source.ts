import type { Document, Node, Pair } from 'yaml';
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, Parser } from 'yaml';

/** Deeper than any document of ours; the limit keeps a file of brackets from exhausting the stack. */
const DEEPEST_NESTING = 64;
/** Each alias makes the library search the document from its start. */
const MOST_ALIASES = 100;
/** Values that a document may stand for once its aliases and merges are followed ("billion laughs"). */
const MOST_VALUES = 100_000;

/** A span of the text that is wrong, and why. */
export interface SourceProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

/** A YAML (or JSON) text that is well formed and safe to turn into values, with the way back from values to places in the text. */
export interface YamlSource {
  readonly text: string;
  readonly lines: LineCounter;
  readonly root: Node | null;
  /** What each alias stands for. */
  readonly sources: ReadonlyMap<Node, Node>;
  readonly value: unknown;
}

/** Which part of an entry a message is about: its name, or what it is set to. */
export type Place = 'key' | 'value';

interface Composition {
  readonly documents: Document.Parsed[];
  readonly lines: LineCounter;
  readonly problems: SourceProblem[];
}

/** Reads one YAML document; `problems` is empty exactly when the result has a value that may be trusted to be finite. */
export function readYaml(text: string): { readonly source: YamlSource; readonly problems: readonly SourceProblem[] } {
  const { documents, lines, problems } = compose(text);
  const [document, second] = documents;
  const root = document?.contents ?? null;
  if (second !== undefined) {
    problems.push({ offset: second.range[0], length: 3, message: 'a second document starts here; the file must hold exactly one' });
  }
  const sources = new Map<Node, Node>();
  if (root !== null && problems.length === 0) problems.push(...followAliases(root, sources));
  // Our own limits on aliases are the stricter ones: they also count merges, which the library's do not.
  const value: unknown = problems.length === 0 ? document?.toJS({ maxAliasCount: -1 }) : undefined;
  return { source: { text, lines, root, sources, value }, problems };
}

function compose(text: string): Composition {
  const lines = new LineCounter();
  const composition: Composition = { documents: [], lines, problems: [] };
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ version: '1.2', merge: true, uniqueKeys: true, strict: true, stringKeys: true, lineCounter: lines });
  const take = (documents: Iterable<Document.Parsed>): void => {
    for (const document of documents) {
      composition.documents.push(document);
      for (const { pos, message } of [...document.errors, ...document.warnings]) {
        composition.problems.push({ offset: pos[0], length: pos[1] - pos[0], message: `${lowerFirst(message)}${adviceAt(text, pos[0])}` });
      }
    }
  };
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) take(composer.next(token));
    if (parser.stack.length > DEEPEST_NESTING) {
      composition.problems.push({ offset: Math.min(parser.offset, text.length), length: 1, message: 'nested too deeply' });
      return composition;
    }
    offset += lexeme.length;
  }
  for (const token of parser.end()) take(composer.next(token));
  take(composer.end(true, offset));
  return composition;
}

/** Finds what each alias stands for, and refuses those that never end or grow beyond measure. */
function followAliases(root: Node, sources: Map<Node, Node>): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const anchors = new Map<string, Node>();
  const sizes = new Map<Node, number>();
  const refuse = (node: Node, message: string): number => {
    problems.push({ offset: node.range?.[0] ?? 0, length: (node.range?.[1] ?? 1) - (node.range?.[0] ?? 0), message });
    return 1;
  };
  const sizeOf = (node: unknown): number => {
    if (isPair<Node, Node | null>(node)) {
      const size = sizeOf(node.key) + sizeOf(node.value);
      if (isMerge(node.key) && !isMergeable(node.value, sources)) refuse(node.key, 'only a map, or a list of maps, can be merged');
      return size;
    }
    if (isAlias(node)) {
      const source = anchors.get(node.source);
      if (source === undefined) return refuse(node, `alias *${node.source} has no anchor &${node.source} before it`);
      const size = sizes.get(source);
      if (size === undefined) return refuse(node, `alias *${node.source} contains itself`);
      sources.set(node, source);
      if (sources.size === MOST_ALIASES + 1) refuse(node, `more than ${MOST_ALIASES} aliases`);
      return size;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return 0;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    let size = 1;
    if (!isScalar(node)) for (const item of node.items) size += sizeOf(item);
    if (node.anchor !== undefined) sizes.set(node, size);
    return size;
  };
  if (sizeOf(root) > MOST_VALUES && problems.length === 0) {
    refuse(root, `its aliases stand for more than ${MOST_VALUES.toLocaleString('en')} values`);
  }
  return problems;
}

function isMerge(key: Node): boolean {
  return isScalar(key) && keyText(key.value) === '<<' && key.type === 'PLAIN';
}

function isMergeable(value: Node | null, sources: ReadonlyMap<Node, Node>): boolean {
  const source = follow(value, sources);
  return isMap(source) || (isSeq<Node>(source) && source.items.every((item) => isMap(follow(item, sources))));
}

/** The span of text that a path of keys and indices leads to; of the nearest enclosing value when the path ends early. */
export function locate(
  source: YamlSource,
  path: readonly PropertyKey[],
  place: Place,
): { readonly offset: number; readonly length: number } {
  let node: Node | null = source.root;
  let key: Node | null = null;
  for (const step of path) {
    const entry = childOf(source, node, step);
    if (entry === undefined) break;
    key = entry.key ?? entry.value;
    node = entry.value ?? entry.key;
  }
  const found = place === 'key' ? key : node;
  const range = found?.range;
  if (range === null || range === undefined) return { offset: 0, length: 1 };
  return { offset: range[0], length: Math.max(1, range[1] - range[0]) };
}

interface Entry {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childOf(source: YamlSource, node: Node | null, step: PropertyKey): Entry | undefined {
  const parent = follow(node, source.sources);
  if (isSeq(parent)) {
    const item = parent.items[Number(step)];
    return item === undefined ? undefined : { key: null, value: item as Node };
  }
  if (!isMap(parent)) return undefined;
  const pairs = parent.items as Pair<Node, Node | null>[];
  const own = pairs.find(({ key }) => isScalar(key) && keyText(key.value) === String(step));
  if (own !== undefined) return { key: own.key, value: own.value };
  for (const { key, value } of pairs) {
    if (!isMerge(key)) continue;
    const merged = follow(value, source.sources);
    const candidates = isSeq(merged) ? (merged.items as Node[]) : [merged];
    for (const candidate of candidates) {
      const entry = childOf(source, candidate, step);
      if (entry !== undefined) return entry;
    }
  }
  return undefined;
}

/** The merge key `<<` is a symbol to the library. */
function keyText(key: unknown): string {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key);
}

function follow(node: Node | null, sources: ReadonlyMap<Node, Node>): Node | null {
  return (node === null ? undefined : sources.get(node)) ?? node;
}

/** Inside braces a brace is YAML's own: the commonest mistake with a reference. */
function adviceAt(text: string, offset: number): string {
  return text.slice(offset - 1, offset + 1) === '${' ? `; a text with \${…} inside { } or [ ] has to be in quotes` : '';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
