// A trial's mark tells its number under the pointer, and a click opens the trial. Many marks are one
// path, which has their trials as "0-2 5". Without script the table of trials leads there too.
"use strict";

const trialMarks = new WeakMap(); // path -> [x, y, trial] of each of its marks

function marks(path) {
  if (!trialMarks.has(path)) {
    const places = path.getAttribute("d").matchAll(/M([\d.-]+) ([\d.-]+)/g);
    const corner = path.classList.contains("cross") ? 3 : 0; // where a cross begins
    const trials = path.dataset.trials.split(" ").flatMap((run) => {
      const [first, last = first] = run.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, more) => first + more);
    });
    trialMarks.set(path, Array.from(places, ([, x, y], i) => [+x + corner, +y + corner, trials[i]]));
  }
  return trialMarks.get(path);
}

function nearest(path, event) {
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(
    path.getScreenCTM().inverse(),
  );
  const away = ([a, b]) => (a - x) ** 2 + (b - y) ** 2;
  return marks(path).reduce((best, mark) => (away(mark) < away(best) ? mark : best))[2];
}

document.addEventListener("pointermove", (event) => {
  const path = event.target.closest("[data-view] path[data-trials]");
  if (!path) return;
  const title =
    path.querySelector("title") ||
    path.appendChild(document.createElementNS(path.namespaceURI, "title"));
  title.textContent = `trial ${nearest(path, event)}: click to open it`;
});

document.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-view] svg *");
  const title = mark && mark.querySelector(":scope > title");
  const told = title && /^trial (\d+):/.exec(title.textContent);
  const trial = mark && mark.dataset.trials ? nearest(mark, event) : told && told[1];
  if (trial === null) return;
  const study = mark.closest("[data-view]").dataset.view.replace(/^\/api\/v1|\/views\/.*$/g, "");
  location.assign(`${study}/trials/${trial}`);
});
