/**
 * What became of a call of Slack's Web API that failed, in the pipeline's terms and in words for a person. Pure. Must
 * never put a token or the words of an unknown server into a message. Facts: docs.slack.dev, the "Errors" of
 * `auth.test`, `apps.connections.open`, `chat.postMessage`, `chat.update` and `files.completeUploadExternal`.
 */
import { networkCauseOf } from "#main/base/http/failure.ts";
import { ChannelError, type ChannelFailure } from "../contract.ts";

/** Slack's code → what it means, and what to do. `TOKEN`: the setting that the call used. All others are refusals. */
const CODES = new Map<string, readonly [ChannelFailure, string]>([
  ["invalid_auth", ["auth", "Slack does not accept TOKEN."]],
  ["not_authed", ["auth", "Slack does not accept TOKEN."]],
  ["token_revoked", ["auth", "The app's TOKEN was taken back."]],
  ["token_expired", ["auth", "The app's TOKEN has expired."]],
  ["account_inactive", ["auth", "The app was removed from the workspace."]],
  ["user_removed_from_team", ["auth", "The app was removed from the workspace."]],
  ["team_disabled", ["auth", "This Slack workspace was closed."]],
  ["not_allowed_token_type", ["auth", "TOKEN is of the wrong kind: botToken begins with xoxb-, appToken with xapp-."]],
  ["channel_not_found", ["rejected", "Slack knows no such conversation for this app. Invite the app to it first."]],
  ["not_in_channel", ["rejected", "The app is not in this channel. Invite it there with /invite."]],
  ["is_archived", ["rejected", "This channel is archived. Restore it, or write elsewhere."]],
  ["msg_too_long", ["rejected", "Too long for Slack: a message that is changed may hold only about 4,000 characters."]],
  ["restricted_action", ["rejected", "The workspace does not let this app write here. Ask its administrator."]],
  ["messages_tab_disabled", ["rejected", "Switch on App Home → Messages Tab of the app at api.slack.com/apps."]],
  ["ratelimited", ["retry", "Slack asks for a pause."]],
  ["rate_limited", ["retry", "Slack asks for a pause."]],
  ["service_unavailable", ["retry", "Slack is out of service for a moment."]],
  ["org_login_required", ["retry", "This Slack workspace is being moved."]],
  ["team_added_to_org", ["retry", "This Slack workspace is being moved."]],
  ["request_timeout", ["retry", "The call did not reach Slack whole."]],
  // Slack's words for both: some of it may have happened.
  ["internal_error", ["unknown", "Slack failed while it handled the call."]],
  ["fatal_error", ["unknown", "Slack failed while it handled the call."]],
]);
const NEW_TOKENS = "Install the app again at api.slack.com/apps and enter its new tokens in Settings.";

/** No connection could be made: nothing has left this machine. */
const NEVER_LEFT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|CERT_.*|.*_CERT|.*SELF_SIGNED.*|UNABLE_TO_.*)$/;

/** @param answer of Slack, with `ok: false` */
export function fromAnswer(method: string, answer: { error?: unknown; needed?: unknown }): ChannelError {
  const { error: code, needed } = answer;
  if (typeof code !== "string" || !/^[a-z][a-z0-9_]{1,60}$/.test(code)) {
    return new ChannelError("unknown", `What answered ${method} does not look like Slack. Look at apiUrl.`);
  }
  if (code === "missing_scope") {
    const right = typeof needed === "string" && /^[\w:.,-]{1,120}$/.test(needed) ? needed : "unnamed";
    const words = `${method} needs a right that the Slack app lacks (${right}). Add it under OAuth & Permissions, then install the app again.`;
    return new ChannelError("rejected", words);
  }
  const [failure, words] = CODES.get(code) ?? ["rejected", `Slack refused ${method}: ${code}.`];
  const named = words.replace("TOKEN", method === "apps.connections.open" ? "appToken" : "botToken");
  return new ChannelError(failure, failure === "auth" ? `${named} ${NEW_TOKENS}` : named, { details: { code } });
}

/**
 * What a fetch threw.
 * @param hasLeft false: the call was stopped before it began
 */
export function fromNetwork(method: string, thrown: unknown, hasLeft: boolean): ChannelError {
  const cause = networkCauseOf(thrown);
  // Other words than a system's code may hold an address with a secret in it.
  const shown = /^[A-Z][A-Z0-9_]+$/.test(cause) ? cause : "the connection broke";
  return !hasLeft || NEVER_LEFT.test(cause)
    ? new ChannelError("retry", `Slack cannot be reached (${shown}).`, { cause: thrown })
    : new ChannelError("unknown", `No answer from Slack to ${method} (${shown}).`, { cause: thrown });
}
