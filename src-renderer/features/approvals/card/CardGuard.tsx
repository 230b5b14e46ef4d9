/** Stands around a question: when it cannot be drawn, the gateway is told so, since nobody can answer what nobody sees. */
import { Component, type ReactNode } from "react";

export interface CardGuardProps {
  onFault(reason: string): void;
  fallback: ReactNode;
  children: ReactNode;
}

export class CardGuard extends Component<CardGuardProps, { isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onFault(error instanceof Error ? error.message : String(error));
  }

  override render(): ReactNode {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
