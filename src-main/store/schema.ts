/**
 * The rows of the database, as Kysely sees them. Times are milliseconds since 1970; JSON columns hold text. What is null
 * or generated may be left out of an insert.
 */
import type { Generated } from "kysely";

export interface SessionsTable {
  key: string;
  /** Changes with each reset: the transcript of before stays under the old id. */
  session_id: string;
  agent_id: string;
  kind: string;
  channel: string;
  label: string | null;
  derived_title: string | null;
  last_preview: string | null;
  pinned: Generated<number>;
  model: string | null;
  thinking_level: string | null;
  message_count: Generated<number>;
  total_tokens: Generated<number>;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  /** Where it takes place on a platform, as JSON (`ChatAddress`); null: in the window. */
  chat: string | null;
  /** 1: the owner answers by hand. */
  taken_over: Generated<number>;
}

/** What came from a platform. The row is there before the platform is told that it arrived. */
export interface InboxTable {
  /** Order of arrival. */
  seq: Generated<number>;
  channel: string;
  account: string;
  message_id: string;
  chat_id: string;
  sender_id: string;
  platform_id: string;
  /** `accepted`: waits for its turn; `held`: its sender waits for the owner; `taken` into a run; `done`; `dropped`. */
  state: string;
  /** Why it was dropped. */
  reason: string | null;
  /** The message as JSON (`InboundMessage`); null once it was dropped. */
  body: string | null;
  run_id: string | null;
  received_at: number;
}

/** What leaves for a platform: one row per call that sends. */
export interface OutboxTable {
  /** Order in which it leaves, per chat. */
  seq: Generated<number>;
  id: string;
  /** Given to the platform as the key of the message where it takes one. */
  dedupe: string;
  channel: string;
  account: string;
  chat_id: string;
  /** JSON (`ChatRef`). */
  chat: string;
  /** `reply`, `draft`, `notice`, `question`, `hand`. */
  kind: string;
  /** `OutboxState` of the protocol. */
  state: string;
  text: string;
  /** JSON: where the file lies, its type and name. */
  media: string | null;
  buttons: string | null;
  reply_to: string | null;
  /** The message of ours that this replaces, instead of sending another. */
  edits: string | null;
  /** JSON array: what the platform called it. */
  platform_ids: string | null;
  session_key: string | null;
  run_id: string | null;
  attempts: Generated<number>;
  next_at: number | null;
  error: string | null;
  created_at: number;
  ended_at: number | null;
}

/** Whom the owner let in, made an owner, or blocked. */
export interface PeopleTable {
  channel: string;
  account: string;
  sender_id: string;
  name: string | null;
  role: string;
  source: string;
  /** Their direct chat with us, as JSON (`ChatRef`), once known. */
  chat: string | null;
  added_at: number;
}

export interface ChatPairingsTable {
  request_id: string;
  channel: string;
  account: string;
  sender_id: string;
  sender_name: string | null;
  code: string;
  /** JSON (`ChatRef`). */
  chat: string;
  created_at: number;
  expires_at: number;
}

export interface ChannelMemoryTable {
  channel: string;
  account: string;
  name: string;
  value: string;
}

export interface MessagesTable {
  /** Order of commit, over all sessions. */
  seq: Generated<number>;
  id: string;
  session_key: string;
  session_id: string;
  run_id: string | null;
  role: string;
  timestamp: number;
  /** The whole message as JSON (`protocol/messages`). */
  body: string;
  /** Set when it was taken back (`sessions.rewind`): no longer part of the conversation. */
  removed_at: number | null;
}

export interface RunsTable {
  /** The idempotency key. */
  run_id: string;
  channel: string;
  account: string;
  /** The platform's own id of the inbound message; unique per channel and account. */
  message_id: string;
  session_key: string;
  session_id: string;
  /** `queued`, `running`, `ok`, `error`, `aborted`. */
  state: string;
  /** Starts of the turn, counting those that a crash cut. */
  attempts: Generated<number>;
  /** What the caller asked for, as JSON: thinking, time-out, model. */
  options: string;
  /** Text that had arrived when it was last written down; kept for the case of a crash. */
  partial_text: string | null;
  summary: string | null;
  error: string | null;
  error_kind: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
}

export interface UsageTable {
  id: Generated<number>;
  at: number;
  /** Local date, YYYY-MM-DD. */
  day: string;
  session_key: string;
  run_id: string;
  model: string;
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
  /** Null: the price is not known. */
  cost_usd: number | null;
}

export interface DevicesTable {
  device_id: string;
  /** Raw 32 bytes, base64url. */
  public_key: string;
  display_name: string | null;
  platform: string | null;
  device_family: string | null;
  client_id: string | null;
  /** JSON arrays. */
  roles: string;
  scopes: string;
  created_at: number;
  approved_at: number;
  last_seen_at: number | null;
}

export interface DeviceTokensTable {
  device_id: string;
  role: string;
  /** SHA-256, hex. The token itself is nowhere. */
  token_hash: string;
  scopes: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
}

export interface PairingRequestsTable {
  request_id: string;
  device_id: string;
  public_key: string;
  display_name: string | null;
  platform: string | null;
  device_family: string | null;
  client_id: string | null;
  remote_address: string | null;
  role: string;
  scopes: string;
  reason: string;
  /** `pending`, `approved`, `rejected`, `expired`. */
  state: string;
  created_at: number;
  expires_at: number;
}

export interface ApprovalsTable {
  id: string;
  tool: string;
  level: number;
  /** SHA-256 over what was shown and will run. */
  digest: string;
  /** `ApprovalRequest` as JSON. */
  request: string;
  session_key: string;
  run_id: string;
  call_id: string;
  agent_id: string;
  /** `Requester` as JSON. */
  requester: string;
  /** `pending`, `allowed`, `denied`, `expired`, `could-not-show`. */
  state: string;
  /** `allow-once`, `allow-always`, `deny`. */
  decision: string | null;
  resolved_by: string | null;
  /** `started`, `done`, `failed`, `unknown`. */
  run: string | null;
  /** What the tool answered; forgotten when the house is kept, an hour later at the earliest. */
  result: string | null;
  is_error: Generated<number>;
  created_at: number;
  expires_at: number;
  resolved_at: number | null;
  started_at: number | null;
  ended_at: number | null;
}

export interface GrantsTable {
  grant_id: string;
  tool: string;
  /** `GrantRule` as JSON. */
  rule: string;
  created_at: number;
  created_by: string;
  approval_id: string | null;
  expires_at: number | null;
  revoked_at: number | null;
  revoked_by: string | null;
  last_used_at: number | null;
  uses: Generated<number>;
}

export interface AuditLogTable {
  /** 1, 2, 3 … without a gap. */
  seq: number;
  id: string;
  ts: number;
  type: string;
  level: string;
  actor: string;
  target: string | null;
  session_key: string | null;
  correlation_id: string | null;
  /** Which key the value needs; `none`: it is in the open. */
  key_id: string;
  nonce: Uint8Array;
  /** Message and data, encrypted, with the tag at the end. */
  sealed: Uint8Array;
  prev_hash: string;
  hash: string;
}

export interface AuditHeadTable {
  one: number;
  seq: number;
  hash: string;
  mac: string;
}

export interface FileChangesTable {
  /** Order in which changes were made. */
  seq: Generated<number>;
  change_id: string;
  session_key: string;
  run_id: string;
  call_id: string;
  tool: string;
  /** Absolute. */
  workspace: string;
  /** From the workspace, with `/`. */
  path: string;
  /** `created`, `changed`, `removed`. */
  kind: string;
  /** SHA-256, hex; null: there was no file. */
  before_sha: string | null;
  after_sha: string | null;
  bytes_before: number;
  bytes_after: number;
  at: number;
  undone_at: number | null;
  /** JSON array of the changes that this one undid; null for all that tools made. */
  undoes: string | null;
  /** What the file held before. */
  content: Uint8Array | null;
}

export interface MigrationsTable {
  name: string;
  applied_at: number;
}

export interface Tables {
  sessions: SessionsTable;
  messages: MessagesTable;
  runs: RunsTable;
  usage: UsageTable;
  devices: DevicesTable;
  device_tokens: DeviceTokensTable;
  pairing_requests: PairingRequestsTable;
  approvals: ApprovalsTable;
  grants: GrantsTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  file_changes: FileChangesTable;
  inbox: InboxTable;
  outbox: OutboxTable;
  people: PeopleTable;
  chat_pairings: ChatPairingsTable;
  channel_memory: ChannelMemoryTable;
  migrations: MigrationsTable;
}
