/** The rules of the house on the house as it stands. Each is proved to bite in `rules.test.ts`. */
import { expect, it } from "vitest";
import { noCycles } from "./rules/cycles.ts";
import {
  electronStaysInTheShell,
  importsAreWellWritten,
  importsGoDown,
  windowSeesOnlyTheProtocol,
} from "./rules/floors.ts";
import { noModuleState, nothingHappensOnImport } from "./rules/import-time.ts";
import { languageIsPlain, namesHaveOneForm, namesSayWhatTheyAre, testNamesStateBehaviour } from "./rules/language.ts";
import {
  coreKnowsNoPlug,
  onlyTheAssemblyReadsLists,
  plugClosuresAreSmall,
  plugsSeeOnlyTheirOwn,
  sqlStaysInTheStore,
} from "./rules/plugs.ts";
import {
  entriesAreThin,
  filesAreShort,
  foldersAreSmall,
  functionsAreShort,
  importsAreFew,
  theWholeIsSmall,
} from "./rules/sizes.ts";
import { readRealTree, type Rule } from "./rules/tree.ts";
import {
  dependenciesHaveAReason,
  filesIntroduceThemselves,
  nothingTellsOfTheWorkshop,
  readmesNameWhatExists,
  roomsExplainThemselves,
  theFrontPageIsShort,
} from "./rules/words.ts";

const RULES: readonly (readonly [string, Rule])[] = [
  ["imports go down the floors only", importsGoDown],
  ["imports are literal, name files that exist, and cross rooms by #main", importsAreWellWritten],
  ["there are no cycles, type imports included", noCycles],
  ["plugs see only their own folder, their contract, base and protocol", plugsSeeOnlyTheirOwn],
  ["the core knows plugs only through their room's list", coreKnowsNoPlug],
  ["only the assembly reads a room's list", onlyTheAssemblyReadsLists],
  ["the closure of a plug is small", plugClosuresAreSmall],
  ["nothing happens on import", nothingHappensOnImport],
  ["no module keeps state", noModuleState],
  ["electron stays in the shell", electronStaysInTheShell],
  ["the window and the preload see only the wire language", windowSeesOnlyTheProtocol],
  ["SQL stays in the store", sqlStaysInTheStore],
  ["the language is used without its traps", languageIsPlain],
  ["names say what things are", namesSayWhatTheyAre],
  ["file names have one form", namesHaveOneForm],
  ["test names state behaviour", testNamesStateBehaviour],
  ["files are short", filesAreShort],
  ["functions are short", functionsAreShort],
  ["files import few others", importsAreFew],
  ["folders are small", foldersAreSmall],
  ["the whole is small", theWholeIsSmall],
  ["the entries are thin", entriesAreThin],
  ["each room explains itself and names its files", roomsExplainThemselves],
  ["READMEs name only what exists", readmesNameWhatExists],
  ["each dependency has its reason", dependenciesHaveAReason],
  ["the front page is short", theFrontPageIsShort],
  ["files say at their top what they are for", filesIntroduceThemselves],
  ["nothing tells of the workshop", nothingTellsOfTheWorkshop],
];

const tree = readRealTree();

it("reads a tree worth judging", () => {
  expect(tree.code.size).toBeGreaterThan(40);
});

it.each(RULES)("%s", (_name, rule) => {
  const faults = rule(tree);
  // Written out whole: a comparison would cut the list short.
  if (faults.length > 0) expect.fail(faults.join("\n"));
});
