/** On the desktop: whether the gateway inside the app is starting, ready or failed. Undefined in a browser. */
import { useEffect, useState } from "react";
import type { DesktopBridge, GatewayState } from "#main/protocol/desktop.ts";
import { useApp } from "../../gateway/use-app.ts";

export function useGatewayState(bridge: DesktopBridge | undefined): GatewayState | undefined {
  const app = useApp();
  const [state, setState] = useState<GatewayState>();
  useEffect(() => {
    if (!bridge) return undefined;
    let isGone = false;
    void bridge.call("gateway.state").then((now) => (isGone ? undefined : setState(now)));
    const stop = bridge.on("gateway.state", (next) => {
      setState(next);
      if (next.state === "ready") app.connection.retryNow();
    });
    return () => {
      isGone = true;
      stop();
    };
  }, [app, bridge]);
  return state;
}
