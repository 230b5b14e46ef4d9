/**
 * What a person pastes into Slack to make the app: every right and event that the channel uses, and no other. Slack
 * takes JSON as well as YAML (docs.slack.dev, "App manifests"). Data only.
 */

const FEATURES = {
  app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
  bot_user: { display_name: "Gatehouse", always_online: false },
  slash_commands: [
    { command: "/gatehouse", description: "Talk to your assistant", usage_hint: "help", should_escape: true },
  ],
};

const SCOPES = [
  "app_mentions:read",
  "channels:history",
  "chat:write",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "im:history",
  "mpim:history",
  "reactions:read",
  "reactions:write",
  "users:read",
];

/** The last two tell at once that the app was removed or its token taken back. */
const EVENTS = [
  "app_mention",
  "message.channels",
  "message.groups",
  "message.im",
  "message.mpim",
  "reaction_added",
  "reaction_removed",
  "app_uninstalled",
  "tokens_revoked",
];

export const MANIFEST = JSON.stringify(
  {
    display_information: { name: "Gatehouse", description: "Your own assistant" },
    features: FEATURES,
    oauth_config: { scopes: { bot: SCOPES } },
    settings: {
      event_subscriptions: { bot_events: EVENTS },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  },
  null,
  2,
);
