// While something runs, the page looks again for itself; when all is done, it stops.
"use strict";

const PERIOD = 2000; // milliseconds
let known = null; // the entity tag of what is shown

async function look() {
  if (document.hidden) return true;
  const answer = await fetch(location.href, { cache: "no-cache", credentials: "same-origin" });
  const tag = answer.headers.get("etag");
  if (!answer.ok || answer.redirected) return false;
  if (known !== null && tag === known) return true;
  known = tag;
  return show(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function show(page) {
  const shown = document.getElementById("main");
  const fresh = document.adoptNode(page.getElementById("main"));
  const focused = shown.contains(document.activeElement) ? document.activeElement : null;
  if (focused && focused.matches("input, select")) return true; // somebody is about to ask for another page
  const id = focused && (focused.id || focused.getAttribute("href"));
  for (const open of shown.querySelectorAll("details[open][id]")) {
    const same = fresh.querySelector(`#${CSS.escape(open.id)}`);
    if (same) same.open = true;
  }
  shown.replaceWith(fresh);
  document.title = page.title;
  if (id) {
    const again = document.getElementById(id) || fresh.querySelector(`[href="${CSS.escape(id)}"]`);
    if (again) again.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("shown"));
  return "live" in fresh.dataset;
}

async function follow() {
  const status = document.querySelector(".live");
  let goesOn = true;
  while (goesOn) {
    status.textContent = "Updates by itself while runs go on.";
    await new Promise((resolve) => setTimeout(resolve, PERIOD));
    try {
      goesOn = await look();
    } catch {
      status.textContent = "The server does not answer; trying again.";
      await new Promise((resolve) => setTimeout(resolve, PERIOD));
    }
  }
  status.textContent = "Nothing runs any more; this page is up to date.";
}

if ("live" in document.getElementById("main").dataset) follow();
