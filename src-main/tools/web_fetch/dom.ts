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
 * All nodes below one, in the page's order. Not recursive: pages may be nested without end. Start at an element: what
 * linkedom makes of a document's own children has no siblings.
 */
export function* descendants(root: PageNode): Generator<PageNode> {
  let node: PageNode | null = root.firstChild;
  while (node !== null) {
    yield node;
    let next: PageNode | null = node.firstChild ?? node.nextSibling;
    for (let up: PageNode | null = node; next === null && up !== null && up !== root;) {
      up = up.parentNode;
      if (up === null || up === root) break;
      next = up.nextSibling;
    }
    node = next;
  }
}

/** True when nodes lie more than `limit` levels below the root. */
export function isDeeperThan(root: PageNode, limit: number): boolean {
  let depth = 0;
  for (let node: PageNode | null = root; node !== null;) {
    if (node.firstChild !== null) {
      depth += 1;
      if (depth > limit) return true;
      node = node.firstChild;
      continue;
    }
    while (node !== null && node !== root && node.nextSibling === null) {
      node = node.parentNode;
      depth -= 1;
    }
    node = node === null || node === root ? null : node.nextSibling;
  }
  return false;
}
