import { createTools } from "#main/tools/index.ts";
import { toolSuite } from "./tool.suite.ts";

toolSuite(createTools());
