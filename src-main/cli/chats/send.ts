/** `gatehouse send`: a message to a chat, by hand. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createUuid } from "#main/base/ids.ts";
import { isSet, printAnswer, textOption, usageError, type Invocation } from "../command.ts";
import { withOwner } from "../owner.ts";

/** It waits for the platform's word, unless told otherwise. */
const WAIT_MS = 70_000;

export async function run(invocation: Invocation): Promise<number> {
  const to = textOption(invocation, "to");
  const file = textOption(invocation, "file");
  const channel = textOption(invocation, "channel");
  const account = textOption(invocation, "account");
  const text = invocation.positionals.join(" ");
  if (to === undefined) throw usageError("say to whom: --to ID, as the platform knows the chat");
  if (text === "" && file === undefined) throw usageError("there is nothing to send: give a text or --file");
  const content = file === undefined ? undefined : await readFile(file, "base64");
  const params = {
    ...{ to, text, idempotencyKey: textOption(invocation, "key") ?? createUuid() },
    ...(file === undefined || content === undefined ? {} : { media: { content, fileName: basename(file) } }),
    ...(channel === undefined ? {} : { channel }),
    ...(account === undefined ? {} : { accountId: account }),
    wait: !isSet(invocation, "no-wait"),
  };
  return withOwner(invocation, async (client) => {
    const answer = await client.request("send", params, { timeoutMs: WAIT_MS });
    return printAnswer(invocation, answer, `${answer.status}  ${answer.id}`);
  });
}
