/** What has been asked of the platform. */
export interface Counts {
  workerRequests: number;
  /** Calls of a user's object, opening a socket included. */
  objectRequests: number;
  messagesIn: number;
  alarms: number;
  /** How often an object came into memory. */
  objectStarts: number;
  objectRowsRead: number;
  objectRowsWritten: number;
  d1Calls: number;
  d1Statements: number;
  d1RowsRead: number;
  /** Rows of tables and of their indexes, as D1 charges for them. */
  d1RowsWritten: number;
  /** The database's size after the last call. */
  d1Bytes: number;
}

export function nothing(): Counts {
  return {
    workerRequests: 0,
    objectRequests: 0,
    messagesIn: 0,
    alarms: 0,
    objectStarts: 0,
    objectRowsRead: 0,
    objectRowsWritten: 0,
    d1Calls: 0,
    d1Statements: 0,
    d1RowsRead: 0,
    d1RowsWritten: 0,
    d1Bytes: 0,
  };
}
