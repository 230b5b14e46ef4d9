/** WhatsApp against its fake, through the real client library: the suite of all channels, then what is special to it. */
import { whatsapp } from "#main/channels/whatsapp/whatsapp.ts";
import { startWhatsApp } from "#test/fakes/whatsapp-platform.ts";
import { describeChannel, type ChannelHarness } from "./channel.suite.ts";

const harness: ChannelHarness = {
  channel: whatsapp,
  startPlatform: () => startWhatsApp(),
  incomplete: { settings: { webSocketUrl: "http://example.org" }, says: /webSocketUrl/ },
  rendered: {
    markdown: "**bold** and *soft* ~~gone~~ a < b, not *bold, `x_y`",
    text: "*bold* and _soft_ ~gone~ a < b, not *\u200Bbold, `x_y`",
  },
};

describeChannel(harness);
