// Keeps the conversation in the browser and shows it again after a reload, Back or Forward. What is kept of a turn is the
// token that the server signed, and its question for the reader. The server keeps none of it: each request brings the
// tokens of the turns it is about.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const root = new URL("..", document.currentScript.src).pathname;
  const keeping = document.querySelector('meta[name="conversations"]');
  const KEY = `assessment-assistant ${root} ${keeping.dataset.owner}`;
  const MAX_TURNS = 100; // kept; the server takes no more
  const HISTORY = 10; // earlier turns that a question is read with
  const MAX_SENT = 180000; // characters of tokens in one request, which may have 256 KiB with the question
  const ANNOUNCED = 1000; // milliseconds after which a new turn has been announced

  let turns = []; // the kept ones: { token, question, understood, node }
  let cleared = null; // what "New conversation" removed, until the next question
  let shown = 0; // turns in the log
  let sent = 1; // a number that no other turn of this page has, or Gradio would not draw an equal one again
  let log = null;
  let quietly, tidy, OPEN; // of chat.js

  function make(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  function button(label, act) {
    const node = make("button", { type: "button", className: "act" }, label);
    node.addEventListener("click", act);
    return node;
  }

  // Sets the value of a field as if it had been typed, which Gradio listens for.
  function type(field, text) {
    const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Returns the reply to a request about kept turns, or { problem } in words.
  async function post(path, body) {
    try {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch(`${root}conversation/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      const reply = await response.json();
      if (response.ok) return reply;
      return { problem: typeof reply.error === "string" ? reply.error : words.failed };
    } catch (error) {
      console.warn(error);
      return { problem: words.unreachable };
    }
  }

  // The tokens of successive turns; without the first ones if not all fit into one request.
  function tokens(from, to) {
    const some = turns.slice(Math.max(0, from), to).map(({ token }) => token);
    let size = 0;
    return some.slice(some.findLastIndex((token) => (size += token.length) > MAX_SENT) + 1);
  }

  // The tokens of a turn and of those it was read with.
  function tokensUpTo(node) {
    const place = turns.findIndex((turn) => turn.node === node);
    if (place < 0) return [node.kept]; // so long ago that it is no longer kept
    return tokens(place - HISTORY, place + 1);
  }

  // Whether a turn is new or the last of those shown again.
  const isLast = (node) => !node.isConnected || node === log.lastElementChild;

  window.assessmentConversation = { make, button, type, post, tokensUpTo, isLast };

  // Keeping

  function stores() {
    if (keeping.content === "page") return [];
    return keeping.content === "browser" ? [sessionStorage, localStorage] : [sessionStorage];
  }

  function save() {
    const kept = turns.map(({ token, question, understood }) => ({ token, question, understood }));
    carry();
    if (keeping.content === "page") return; // nothing is stored
    try {
      // A tab whose conversation was ended does not take up the one of another tab.
      if (kept.length || keeping.content === "browser") sessionStorage.setItem(KEY, JSON.stringify({ turns: kept }));
      else sessionStorage.removeItem(KEY);
      if (keeping.content !== "browser") return;
      if (kept.length) localStorage.setItem(KEY, JSON.stringify({ turns: kept }));
      else localStorage.removeItem(KEY);
    } catch (error) {
      console.info(String(error));
      notice("not-kept", words.notKept);
    }
  }

  // Gives the latest turns to Gradio, which sends them with the next question.
  function carry() {
    const field = document.querySelector("#carried textarea, #carried input");
    type(field, JSON.stringify({ turns: tokens(turns.length - HISTORY), number: sent }));
  }

  function saved() {
    try {
      const text = stores().map((store) => store.getItem(KEY)).find(Boolean);
      const kept = text ? JSON.parse(text) : {};
      const isTurn = (turn) => [turn?.token, turn?.question, turn?.understood].every((part) => typeof part === "string");
      return { turns: Array.isArray(kept.turns) ? kept.turns.filter(isTurn) : [], place: kept.place };
    } catch (error) {
      console.info(String(error));
      return { turns: [] };
    }
  }

  function notice(id, ...children) {
    document.getElementById(id)?.remove();
    log.after(make("p", { id, className: "note" }, ...children));
  }

  // Where the reader is, for coming back.
  function savePlace() {
    const place = turns.findIndex(({ node }) => node.getBoundingClientRect().bottom > 0);
    if (place < 0 || keeping.content === "page") return;
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY));
      kept.place = [place, turns[place].node.getBoundingClientRect().top];
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch (error) {
      console.info(String(error));
    }
  }

  // Showing turns again

  async function restore() {
    const { turns: kept, place } = saved();
    if (!kept.length) return;
    quietly(() => {
      for (const turn of kept) {
        const node = make("article", { className: "turn" }, make("h2", { className: "asked" }, make("bdi", {}, turn.question)));
        node.id = `turn-${++shown}`;
        [node.kept, node.understood] = [turn.token, turn.understood];
        turns.push({ ...turn, node });
        log.append(node);
      }
    });
    document.documentElement.classList.add("begun");
    save();
    tidy();
    await show(turns.slice(-OPEN));
    const [number, top] = Array.isArray(place) ? place : [turns.length - 1, 0];
    const node = turns[number]?.node;
    if (node) scrollBy({ top: node.getBoundingClientRect().top - top, behavior: "instant" });
  }

  // Asks the server to show successive turns again, and puts them in their places.
  async function show(some) {
    const first = turns.indexOf(some[0]);
    for (const { node } of some) say(node, "note", words.loading);
    const reply = await post("turns", { turns: tokens(first - HISTORY, first + some.length), last: some.length });
    const missing = some.length - (reply.turns?.length ?? 0); // the first ones, if they did not fit
    quietly(() => some.forEach((turn, number) => put(turn, reply.turns?.[number - missing], reply.problem)));
  }

  const body = (node) => node.querySelector(":scope > details.folded") ?? node;

  function say(node, kind, message, ...controls) {
    body(node).querySelector(":scope > .again")?.remove();
    const reason = make("p", { className: "reason" }, message);
    body(node).append(make("div", { className: `again ${kind}` }, reason, ...controls));
  }

  function put(turn, reply, problem) {
    const { node } = turn;
    if (!reply) {
      say(node, "reply problem", problem ?? words.failed, button(words.show, () => show([turn])));
      return;
    }
    if (reply.problem) {
      say(node, "reply problem", reply.problem);
      document.dispatchEvent(new CustomEvent("assistant:unread", { detail: node }));
      return;
    }
    const answer = new DOMParser().parseFromString(reply.html, "text/html").querySelector("article");
    for (const link of answer.querySelectorAll("a[href]:not(.choice)")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    const parts = [...document.importNode(answer, true).children];
    const folded = node.querySelector(":scope > details.folded");
    if (folded) {
      const summary = folded.querySelector("summary"); // which may have the focus
      summary.replaceChildren(parts[0]);
      while (summary.nextSibling) summary.nextSibling.remove();
      folded.append(...parts.slice(1));
    } else node.replaceChildren(...parts);
    node.dataset.shown = "";
    document.dispatchEvent(new CustomEvent("assistant:turn", { detail: node }));
    if (node.querySelector(".compared, .group")) document.documentElement.classList.add("tabled");
  }

  // New conversation, and bringing the last one back

  function clear() {
    cleared = { turns, shown, nodes: [...log.children] };
    quietly(() => log.replaceChildren());
    [turns, shown] = [[], 0];
    document.documentElement.classList.remove("begun", "tabled");
    document.getElementById("jump")?.remove();
    save();
    const box = document.querySelector("#question textarea");
    type(box, "");
    const alone = document.querySelector("#alone input");
    if (alone.checked) alone.click();
    notice("cleared", words.cleared, " ", button(words.undo, bringBack));
    document.getElementById("cleared").setAttribute("role", "status");
    box.focus({ preventScroll: true });
  }

  function bringBack() {
    quietly(() => log.append(...cleared.nodes));
    ({ turns, shown } = cleared);
    forget();
    document.documentElement.classList.add("begun");
    if (log.querySelector(".compared, .group")) document.documentElement.classList.add("tabled");
    save();
    tidy();
    document.querySelector("#question textarea").focus({ preventScroll: true });
  }

  function forget() {
    cleared = null;
    document.getElementById("cleared")?.remove();
  }

  // Exports

  async function exportAs(kind) {
    const said = document.getElementById("export-said");
    said.textContent = "";
    const taken = tokens(0);
    const file = await post("export", { kind, turns: taken });
    said.textContent = file.problem ?? (file.said || (taken.length < turns.length ? words.limit : ""));
    if (!file.data) return;
    const bytes = Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: file.media_type }));
    make("a", { href: address, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  // Up in an empty box brings the last question, and Up again the one before it.
  function recall(event) {
    const box = event.target;
    if (event.key !== "ArrowUp" || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const asked = [...log.querySelectorAll("h2.asked bdi")].map((node) => node.textContent);
    const last = box.value ? asked.lastIndexOf(box.value) : asked.length;
    if (last < 1 || (box.value && box.value !== box.dataset.recalled)) return;
    event.preventDefault();
    box.dataset.recalled = asked[last - 1];
    type(box, asked[last - 1]);
    box.setSelectionRange(box.value.length, box.value.length);
  }

  document.addEventListener("assistant:turn", ({ detail: node }) => {
    if (turns.some((turn) => turn.node === node)) return; // shown again
    forget();
    node.id = `turn-${++shown}`;
    node.dataset.shown = "";
    sent += 1;
    const question = node.querySelector(".asked bdi").textContent;
    const understood = node.querySelector(".understood bdi")?.textContent ?? question;
    if (node.kept) turns.push({ token: node.kept, question, understood, node });
    if (turns.length > MAX_TURNS) notice("not-kept", words.limit);
    turns = turns.slice(-MAX_TURNS);
    save();
    setTimeout(tidy, ANNOUNCED); // a log that changes quietly announces nothing
  });

  document.addEventListener("assistant:unfolded", ({ detail: node }) => {
    const turn = turns.find((kept) => kept.node === node);
    if (turn && !("shown" in node.dataset) && !node.querySelector(".again")) show([turn]);
  });

  document.addEventListener("assistant:ready", ({ detail }) => {
    ({ log, quietly, tidy, OPEN } = detail);
    const said = make("p", { id: "export-said", className: "note" });
    said.setAttribute("role", "status");
    document.getElementById("take").append(said);
    document.querySelector("#question textarea").addEventListener("keydown", recall);
    document.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element)) return;
      if (target.closest("#new-conversation")) clear();
      const control = target.closest("#take button[id^='export-']");
      if (control) exportAs(control.id.replace("export-", ""));
    });
    addEventListener("pagehide", savePlace);
    restore();
  });
})();
