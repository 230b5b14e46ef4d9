/** Who is known on a platform and what they may do. Counts at once; a role of the configuration is only changed there. */
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatPerson, PersonRole } from "#main/protocol/methods/channels.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { useTell } from "../use-channel-words.ts";

const ROLES: readonly PersonRole[] = ["owner", "allowed", "blocked"];

export function People({ channel }: { channel: string }) {
  const { t } = useTranslation();
  const everyone = useAppState((state) => state.channels.people);
  const people = everyone.filter((person) => person.channel === channel);
  return (
    <section aria-labelledby="access-people">
      <h3 id="access-people" className="text-base font-semibold">
        {t("access.people")}
      </h3>
      <p className="mt-0.5 text-small text-soft">{t("access.peopleHint")}</p>
      {people.length > 0 ? (
        <ul className="mt-2.5 divide-y divide-line rounded-lg border border-line">
          {people.map((person) => (
            <Person key={`${person.accountId}-${person.senderId}`} person={person} />
          ))}
        </ul>
      ) : null}
      <AddPerson channel={channel} />
    </section>
  );
}

function Person({ person }: { person: ChatPerson }) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const isFixed = person.source === "config";
  const options = [...ROLES, "stranger" as const].map((value) => ({ value, label: t(`access.role_${value}`) }));
  const name = person.name ?? person.senderId;
  return (
    <li className="flex items-center gap-3 px-3.5 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate">
          <bdi>{name}</bdi>
        </p>
        {person.name ? (
          <p className="truncate font-mono text-small text-faint">
            <bdi>{person.senderId}</bdi>
          </p>
        ) : null}
      </div>
      {isFixed ? (
        <p className="text-right text-small text-soft">
          {t(`access.role_${person.role}`)}
          <span className="block text-faint">{t("access.fromConfig")}</span>
        </p>
      ) : (
        <Select
          label={t("access.roleOf", { name })}
          value={person.role as PersonRole | "stranger"}
          options={options}
          onChange={(role) => void tell(app.channels.setPerson(person, role === "stranger" ? null : role))}
        />
      )}
    </li>
  );
}

function AddPerson({ channel }: { channel: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const [id, setId] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const add = async () => {
    setIsBusy(true);
    if (await tell(app.channels.setPerson({ channel, senderId: id.trim() }, "allowed"))) setId("");
    setIsBusy(false);
  };
  return (
    <form
      className="mt-2.5 flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (id.trim()) void add();
      }}
    >
      <TextField
        label={t("access.addLabel")}
        isLabelHidden
        placeholder={t("access.addLabel")}
        spellCheck={false}
        value={id}
        onChange={setId}
        className="flex-1"
      />
      <Button type="submit" icon={<UserPlus size={14} aria-hidden />} disabled={!id.trim()} isBusy={isBusy}>
        {t("access.addButton")}
      </Button>
    </form>
  );
}
