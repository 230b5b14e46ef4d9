/** What is used of a parsed page: the few parts of the DOM standard that the reader touches. Types and constants only. */

export const ELEMENT = 1;
export const TEXT = 3;

export interface PageNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly firstChild: PageNode | null;
  readonly nextSibling: PageNode | null;
  readonly parentNode: PageNode | null;
  remove(): void;
}

export interface PageElement extends PageNode {
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export interface PageDocument extends PageElement {
  readonly body: PageElement | null;
  readonly documentElement: PageElement | null;
  readonly title: string;
}

export function isElement(node: PageNode): node is PageElement {
  return node.nodeType === ELEMENT;
}

/**
 * All nodes below one, in the page's order, each with how many levels below it lies. Not recursive: pages may be nested
 * without end. Start at an element: what linkedom makes of a document's own children has no siblings.
 */
export function* descendants(root: PageNode): Generator<readonly [node: PageNode, depth: number]> {
  let depth = 1;
  for (let node = root.firstChild; node !== null;) {
    yield [node, depth];
    if (node.firstChild !== null) {
      node = node.firstChild;
      depth++;
      continue;
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode === root ? null : node.parentNode;
      depth--;
    }
    node = node?.nextSibling ?? null;
  }
}

/** True when nodes lie more than `limit` levels below the root. */
export function isDeeperThan(root: PageNode, limit: number): boolean {
  for (const [, depth] of descendants(root)) if (depth > limit) return true;
  return false;
}
