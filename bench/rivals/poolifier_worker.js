// @ts-check
import { ThreadWorker } from "poolifier";
import { deeds } from "./deeds.js";

export default new ThreadWorker(/** @type {never} */ (deeds));
