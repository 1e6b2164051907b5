// Entry of the admin page's script: everything is wired here, before the app in the frame can ask for it.
import { serveAppChrome } from "./app-chrome.ts";
import { frame } from "./frame.ts";
import { servePickers } from "./pickers.ts";
import { startWorldPanel } from "./world-panel.ts";

serveAppChrome();
servePickers();
startWorldPanel();
// Only now: a call of the app that comes before somebody listens is never answered.
frame.src = frame.dataset["src"] ?? "about:blank";
