/**
 * What a person pastes into Slack to make the app: every right and event that the channel uses, and no other. Slack
 * takes JSON as well as YAML (docs.slack.dev, "App manifests"). Data only.
 */

const HISTORIES = ["channels:history", "groups:history", "im:history", "mpim:history"];
const FILES_AND_REACTIONS = ["files:read", "files:write", "reactions:read", "reactions:write"];
const MESSAGES = ["message.channels", "message.groups", "message.im", "message.mpim", "app_mention"];
/** The last two tell at once that the app was removed or its token taken back. */
const OTHERS = ["reaction_added", "reaction_removed", "app_uninstalled", "tokens_revoked"];

const APP = {
  display_information: { name: "Gatehouse", description: "Your own assistant" },
  features: {
    app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: "Gatehouse", always_online: false },
    slash_commands: [
      { command: "/gatehouse", description: "Talk to your assistant", usage_hint: "help", should_escape: true },
    ],
  },
  oauth_config: {
    scopes: {
      bot: ["app_mentions:read", ...HISTORIES, "chat:write", "commands", ...FILES_AND_REACTIONS, "users:read"],
    },
  },
  settings: {
    event_subscriptions: { bot_events: [...MESSAGES, ...OTHERS] },
    interactivity: { is_enabled: true },
    org_deploy_enabled: false,
    socket_mode_enabled: true,
    token_rotation_enabled: false,
  },
};

export const MANIFEST = JSON.stringify(APP, null, 2);
