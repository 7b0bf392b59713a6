// @ts-check
import workerpool from "workerpool";
import { deeds } from "./deeds.js";

workerpool.worker(deeds);
