/**
 * The contract of a search service: what to ask for, and how to read the answer. Pure both ways; the tool does the
 * fetching, the fallback and the cleaning. A service must never see another one's key.
 */

export interface SearchRequest {
  url: string;
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** As the service says it; HTML and length are dealt with by the tool. */
export interface FoundPage {
  title: string;
  url: string;
  snippet: string;
}

export interface SearchProvider {
  /** Also its section of `tools.web_search` and, with `search:` before it, its account among the secrets. */
  id: string;
  label: string;
  /** Without a final slash; absent: the owner must give one. */
  baseUrl?: string;
  needsKey: boolean;
  /**
   * @param baseUrl without a final slash
   * @param key present when the service has one
   */
  toRequest(query: string, limit: number, access: { baseUrl: string; key: string | undefined }): SearchRequest;
  /** What was found, in order. Throws when the text is not an answer of this service. */
  readAnswer(text: string): FoundPage[];
}
