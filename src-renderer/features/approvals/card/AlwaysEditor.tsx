/** What "always" is to mean: which calls, where, until when, and what it would have allowed of the past. */
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalRequest, GrantRule } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Button } from "../../../ui/Button.tsx";
import { Segmented, type SegmentedProps } from "../../../ui/Segmented.tsx";
import { useReport } from "../../settings/use-report.ts";
import { type Duration, DURATIONS, type Reach, toMatches, toRule, toVisible } from "../questions.ts";

interface AlwaysEditorProps {
  request: ApprovalRequest;
  isBusy: boolean;
  onSave(rule: GrantRule): void;
  onCancel(): void;
}

/** A proposal in words. The sentence of the gateway also says where and until when, which is chosen below. */
function useRuleWords(): (rule: GrantRule) => { title: string; detail: string } {
  const { t } = useTranslation();
  return ({ tool, match }) => {
    switch (match.kind) {
      case "exact":
        return { title: t("approvals.matchExact"), detail: match.argv.at(-1) ?? "" };
      case "program":
        return { title: t("approvals.matchProgram"), detail: match.path };
      case "tool":
        return { title: t("approvals.matchTool", { tool }), detail: match.workspace };
    }
  };
}

export function AlwaysEditor({ request, isBusy, onSave, onCancel }: AlwaysEditorProps) {
  const { t } = useTranslation();
  const matches = useMemo(() => toMatches(request.proposals).map(({ rule }) => rule), [request.proposals]);
  const [at, setAt] = useState("0");
  const [reach, setReach] = useState<Reach>("session");
  const [duration, setDuration] = useState<Duration>("hour");
  const cancel = useRef<HTMLButtonElement>(null);
  // The press that opened this must not go on to press what lies under it.
  useEffect(() => cancel.current?.focus(), []);
  // The clock stands still while the rule is looked at, or the simulation would run for ever.
  const [openedAt] = useState(() => Date.now());
  const proposal = matches[Number(at)];
  const rule = useMemo(
    () => (proposal ? toRule(proposal, { reach, duration }, request, openedAt) : undefined),
    [proposal, reach, duration, request, openedAt],
  );
  if (!rule || !proposal) return null;
  const reaches = [
    { value: "session", label: t("approvals.reachSession") },
    { value: "agent", label: t("approvals.reachAgent") },
  ] as const;
  const durations = DURATIONS.map((value) => ({ value, label: t(`approvals.until_${value}`) }));
  return (
    <div
      role="group"
      aria-label={t("approvals.alwaysTitle")}
      className="flex flex-col gap-3 rounded-md border border-edge bg-side p-3"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <p className="font-semibold">{t("approvals.alwaysTitle")}</p>
      <Matches matches={matches} value={at} onChange={setAt} />
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <Choice<Reach> label={t("approvals.reach")} value={reach} onChange={setReach} options={reaches} />
        <Choice<Duration> label={t("approvals.until")} value={duration} onChange={setDuration} options={durations} />
      </div>
      <Simulated rule={rule} />
      <div className="flex flex-wrap gap-2">
        <Button ref={cancel} onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button
          look="primary"
          isBusy={isBusy}
          onKeyDown={(event) => (event.repeat ? event.preventDefault() : undefined)}
          onClick={() => onSave(toRule(proposal, { reach, duration }, request, Date.now()))}
        >
          {t("approvals.saveAllow")}
        </Button>
      </div>
    </div>
  );
}

function Choice<T extends string>(props: SegmentedProps<T>) {
  return (
    <div className="max-w-full">
      <p className="mb-1 text-small text-soft">{props.label}</p>
      <Segmented {...props} />
    </div>
  );
}

function Matches(props: { matches: readonly GrantRule[]; value: string; onChange(value: string): void }) {
  const { matches, value, onChange } = props;
  const { t } = useTranslation();
  const words = useRuleWords();
  return (
    <RadioGroup
      aria-label={t("approvals.alwaysWhat")}
      value={value}
      onValueChange={(next) => onChange(String(next))}
      className="flex flex-col gap-1"
    >
      {matches.map((rule, index) => {
        const { title, detail } = words(rule);
        return (
          <Radio.Root
            key={index}
            value={String(index)}
            aria-label={title}
            className="group flex cursor-pointer items-start gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-hover touch:min-h-11"
          >
            <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge group-data-checked:border-accent">
              <span className="size-2 rounded-full bg-accent opacity-0 group-data-checked:opacity-100" />
            </span>
            <span className="min-w-0">
              <span className="block">{title}</span>
              <span className="line-clamp-3 block font-mono text-small whitespace-pre-wrap text-soft [overflow-wrap:anywhere]">
                {toVisible(detail)}
              </span>
            </span>
          </Radio.Root>
        );
      })}
    </RadioGroup>
  );
}

/** What the rule would have allowed of the past, before it is saved. */
function Simulated({ rule }: { rule: GrantRule }) {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const [isOpen, setIsOpen] = useState(false);
  const read = useCallback(() => app.approvals.simulate(rule), [app, rule]);
  const { value, error, isLoading } = useReport(read);
  if (error) return <p className="text-small text-danger">{error}</p>;
  if (!value) return <p className="text-small text-faint">{t("common.loading")}</p>;
  return (
    <div role="status" aria-busy={isLoading} className="text-small text-soft">
      <p className="[overflow-wrap:anywhere]">{toVisible(value.sentence)}</p>
      <p className="mt-1 flex flex-wrap items-center gap-2">
        <span className="font-medium text-ink">
          {t("approvals.simulated", { matched: value.matched.length, looked: value.looked })}
        </span>
        {value.matched.length > 0 ? (
          <Button size="small" look="ghost" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? t("approvals.hideList") : t("approvals.showList")}
          </Button>
        ) : null}
      </p>
      {isOpen ? (
        <ul className="mt-1 max-h-40 divide-y divide-line overflow-y-auto" tabIndex={0}>
          {value.matched.map((item) => (
            <li key={item.id} className="flex gap-3 py-1">
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{toVisible(item.summary)}</span>
              <span className="shrink-0 text-faint">{toWhen(item.createdAtMs, Date.now(), i18n.language)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
