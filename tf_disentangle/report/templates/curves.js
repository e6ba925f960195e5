/* Reads off the curves of the losses: the nearest point to the pointer, or by the arrow keys. */
"use strict";

for (const panel of document.querySelectorAll(".curve")) {
  const { points, x, y, edges } = JSON.parse(panel.dataset.points);
  const [left, right, bottom, top] = edges;
  const frame = panel.querySelector(".plot"), marker = panel.querySelector(".marker");
  const reading = panel.querySelector("output");
  let chosen = points.length - 1;

  function show(index) {
    chosen = Math.min(points.length - 1, Math.max(0, index));
    const [step, value] = points[chosen];
    const across = left + (right - left) * (step - x[0]) / (x[1] - x[0]);
    const up = bottom + (top - bottom) * (value - y[0]) / (y[1] - y[0]);
    marker.style.left = `${100 * across}%`;
    marker.style.bottom = `${100 * up}%`;
    marker.hidden = false;
    reading.textContent = `step ${step.toLocaleString("en")}: ${Number(value.toPrecision(5))}`;
    frame.setAttribute("aria-valuenow", step);
    frame.setAttribute("aria-valuetext", reading.textContent);
  }

  frame.addEventListener("pointermove", event => {
    const box = frame.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - left) / (right - left);
    const step = x[0] + share * (x[1] - x[0]);
    let best = 0;
    points.forEach(([other], i) => {
      if (Math.abs(other - step) < Math.abs(points[best][0] - step)) best = i;
    });
    show(best);
  });
  frame.addEventListener("keydown", event => {
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1,
                    Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    show(chosen + moves[event.key]);
  });
  frame.addEventListener("focus", () => show(chosen));
}
