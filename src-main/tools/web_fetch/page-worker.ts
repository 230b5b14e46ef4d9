/** The worker in which pages are read: one task in, one answer out. A program of its own; must never be imported. */
import { parentPort, workerData } from "node:worker_threads";
import { readPage, type PageTask } from "./page.ts";

parentPort?.postMessage(readPage(workerData as PageTask));
