/**
 * The one shape of a message: what the store keeps, what the wire carries, what a provider is asked with. Block names
 * follow the peer's transcripts (text, thinking, toolCall, toolResult), so that its clients can draw them.
 */
import Type, { type Static } from "typebox";

const closed = { additionalProperties: false } as const;

export const TextBlock = Type.Object({ type: Type.Literal("text"), text: Type.String() }, closed);
export type TextBlock = Static<typeof TextBlock>;

/** The model's reasoning. `signature` is the provider's own seal, needed when the block is sent back to it. */
export const ThinkingBlock = Type.Object(
  { type: Type.Literal("thinking"), thinking: Type.String(), signature: Type.Optional(Type.String()) },
  closed,
);
export type ThinkingBlock = Static<typeof ThinkingBlock>;

export const ToolCallBlock = Type.Object(
  {
    type: Type.Literal("toolCall"),
    id: Type.String(),
    name: Type.String(),
    /** Parsed arguments. `{}` when the model's JSON was broken; the tool result then says so. */
    arguments: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
export type ToolCallBlock = Static<typeof ToolCallBlock>;

/** A picture, base64 without a data-URL prefix. */
export const ImageBlock = Type.Object(
  {
    type: Type.Literal("image"),
    mimeType: Type.String(),
    data: Type.String(),
    fileName: Type.Optional(Type.String()),
  },
  closed,
);
export type ImageBlock = Static<typeof ImageBlock>;

/** A text file that came with a message. */
export const FileBlock = Type.Object(
  { type: Type.Literal("file"), mimeType: Type.String(), fileName: Type.String(), text: Type.String() },
  closed,
);
export type FileBlock = Static<typeof FileBlock>;

export const ContentBlock = Type.Union([TextBlock, ThinkingBlock, ToolCallBlock, ImageBlock, FileBlock]);
export type ContentBlock = Static<typeof ContentBlock>;

/** Tokens of one answer, as the provider reported them; `costUsd` when the price is known. */
export const Usage = Type.Object(
  {
    input: Type.Integer({ minimum: 0 }),
    output: Type.Integer({ minimum: 0 }),
    cacheRead: Type.Optional(Type.Integer({ minimum: 0 })),
    cacheWrite: Type.Optional(Type.Integer({ minimum: 0 })),
    costUsd: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type Usage = Static<typeof Usage>;

export const StopReason = Type.Union([
  Type.Literal("stop"),
  Type.Literal("length"),
  Type.Literal("toolUse"),
  Type.Literal("refusal"),
  Type.Literal("aborted"),
  Type.Literal("error"),
  Type.Literal("interrupted"),
]);
export type StopReason = Static<typeof StopReason>;

export const Message = Type.Object(
  {
    /** `msg_…` */
    id: Type.String(),
    role: Type.Union([Type.Literal("user"), Type.Literal("assistant"), Type.Literal("toolResult")]),
    content: Type.Array(ContentBlock),
    /** Milliseconds since 1970. */
    timestamp: Type.Integer(),
    runId: Type.Optional(Type.String()),
    /** `provider/model` that wrote it. Assistant only. */
    model: Type.Optional(Type.String()),
    usage: Type.Optional(Usage),
    stopReason: Type.Optional(StopReason),
    /** True when the answer was cut: aborted, a broken stream, a crash. What had arrived is kept. */
    incomplete: Type.Optional(Type.Boolean()),
    /** Why it was cut or failed, in words for a person. */
    errorMessage: Type.Optional(Type.String()),
    /** toolResult only. */
    toolCallId: Type.Optional(Type.String()),
    toolName: Type.Optional(Type.String()),
    isError: Type.Optional(Type.Boolean()),
    /** Where text from outside in it came from (a page, a file, a program): a model reads it fenced. */
    untrusted: Type.Optional(Type.String()),
    /** With `untrusted`: the model may have to quote the text to the letter, so only forged marks are taken out of it. */
    verbatim: Type.Optional(Type.Boolean()),
    /** Who put it there when it was neither the person nor the model (`chat.inject`). */
    label: Type.Optional(Type.String()),
  },
  closed,
);
export type Message = Static<typeof Message>;
