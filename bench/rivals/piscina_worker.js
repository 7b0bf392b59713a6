// @ts-check
import { deeds } from "./deeds.js";

/** @param {{ deed: keyof typeof deeds, value: never }} task */
export default ({ deed, value }) => deeds[deed](value);
