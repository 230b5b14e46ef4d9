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

/** All nodes below one, in the page's order. Not recursive: pages may be nested without end. */
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
