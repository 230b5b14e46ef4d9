/** Hands the one painter to every code block. */
import { createContext } from "react";
import type { CodePainter } from "./highlight.ts";

export const PainterContext = createContext<CodePainter | undefined>(undefined);
