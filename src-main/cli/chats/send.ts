/** `gatehouse send`: a message to a chat, by hand. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createUuid } from "#main/base/ids.ts";
import { EXIT, isSet, printLine, textOption, usageError, type Invocation } from "../command.ts";
import { withOwner } from "../owner.ts";

/** It waits for the platform's word, unless told otherwise. */
const WAIT_MS = 70_000;

export async function run(invocation: Invocation): Promise<number> {
  const { world, positionals } = invocation;
  const to = textOption(invocation, "to");
  const file = textOption(invocation, "file");
  const channel = textOption(invocation, "channel");
  const account = textOption(invocation, "account");
  const text = positionals.join(" ");
  if (to === undefined) throw usageError("say to whom: --to ID, as the platform knows the chat");
  if (text === "" && file === undefined) throw usageError("there is nothing to send: give a text or --file");
  const media =
    file === undefined
      ? {}
      : { media: { content: (await readFile(file)).toString("base64"), fileName: basename(file) } };
  return withOwner(invocation, async (client) => {
    const answer = await client.request(
      "send",
      {
        ...{ to, text, idempotencyKey: textOption(invocation, "key") ?? createUuid(), ...media },
        ...(channel === undefined ? {} : { channel }),
        ...(account === undefined ? {} : { accountId: account }),
        wait: !isSet(invocation, "no-wait"),
      },
      { timeoutMs: WAIT_MS },
    );
    printLine(
      world.stdout,
      isSet(invocation, "json") ? JSON.stringify(answer, null, 2) : `${answer.status}  ${answer.id}`,
    );
    return EXIT.ok;
  });
}
