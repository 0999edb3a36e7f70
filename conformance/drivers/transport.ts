/** One HTTP request as the suite sends it. Header names are lower case; `path` begins with `/` and may carry a query. */
export interface HttpRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array;
  /**
   * Drop the connection once the request is out: a network driver answers with status 0 and never reads the
   * server's answer. A driver without a connection lets the request run to its end.
   */
  abandon?: boolean;
}

/** The answer to it. Header names are lower case; repeated headers are joined with ", ". */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/**
 * Carries a request to the server under test, over the network or within the process.
 * Rejects when there was no complete answer (refused, reset, aborted, timed out).
 */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>;
