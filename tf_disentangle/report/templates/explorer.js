/* The latent explorer: sliders, the picture of their code, its difference to the start and the
   column of the decoder's Jacobian for one latent. Everything is decoded in the page. */
"use strict";

(() => {
  const root = document.getElementById("explorer");
  const source = document.getElementById("explorer-data");
  if (!root || !source) return;
  const data = JSON.parse(source.textContent);
  const bytes = Uint8Array.from(atob(data.network.bytes), letter => letter.charCodeAt(0)).buffer;
  const network = decoderNetwork.read(data.network, bytes);
  const isImage = data.shape.length === 3, isTable = data.columns.length > 0;
  const what = isImage ? "picture" : isTable ? "row" : "point";
  const STEP = 0.02;                      // of the finite difference, in units of a latent
  const zeros = data.latents.map(() => 0);

  const part = name => root.querySelector(`[data-part="${name}"]`);
  const sliders = new Map([...root.querySelectorAll("input[type=range]")].map(
    slider => [Number(slider.dataset.latent), slider]));
  let start = (data.starts[0] || zeros).slice(), code = start.slice();
  let startPicture = decoded(start), picture = startPicture;
  let watched = data.latents[0], samplesDrawn = 0;
  let frame = 0, columnTimer = 0, statusTimer = 0;

  function decoded(values) {
    return Float32Array.from(network.run(Float32Array.from(values)));
  }

  // The value of the channel that changes most, with its sign, as in the figures of a run.
  function strongest(values, place, channels) {
    let found = values[place * channels];
    for (let c = 1; c < channels; c++) {
      const value = values[place * channels + c];
      if (Math.abs(value) > Math.abs(found)) found = value;
    }
    return found;
  }

  function paint(canvas, colourAt) {
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let place = 0, at = 0; at < pixels.data.length; place++, at += 4) {
      colourAt(place, pixels.data, at);
      pixels.data[at + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  function paintImage(canvas, values) {
    const channels = data.shape[2];
    // A clamped array rounds, and keeps to 0 ... 255. Two channels are red and green.
    paint(canvas, (place, pixels, at) => {
      for (let c = 0; c < 3; c++) {
        const from = channels === 1 ? 0 : c;
        pixels[at + c] = from < channels ? 255 * values[place * channels + from] : 0;
      }
    });
  }

  function paintSigned(canvas, values, limit) {
    const last = data.colours.length / 3 - 1;
    paint(canvas, (place, pixels, at) => {
      const value = strongest(values, place, data.shape[2]) / limit;
      const colour = 3 * Math.round((Math.min(1, Math.max(-1, value)) / 2 + 0.5) * last);
      for (let c = 0; c < 3; c++) pixels[at + c] = data.colours[colour + c];
    });
  }

  // dg/dz of one latent, by a central difference.
  function column(latent) {
    const at = shift => decoded(code.map((value, i) => (i === latent ? value + shift : value)));
    const above = at(STEP), below = at(-STEP);
    return above.map((value, i) => (value - below[i]) / (2 * STEP));
  }

  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // A plane of points: `all` as small dots; `marks` are [x, y, colour, filled].
  function plane(canvas, all, marks, arrow) {
    const context = canvas.getContext("2d"), size = canvas.width;
    const ranges = [0, 1].map(i => {
      const values = all.map(point => point[i]);
      return [Math.min(...values, ...marks.map(mark => mark[i])),
              Math.max(...values, ...marks.map(mark => mark[i]))];
    });
    const extent = 1.15 * Math.max(...ranges.map(([low, high]) => high - low), 1e-3);
    const centre = ranges.map(([low, high]) => (low + high) / 2);
    const place = point => [size * (0.5 + (point[0] - centre[0]) / extent),
                            size * (0.5 - (point[1] - centre[1]) / extent)];
    const dot = ([x, y], radius, colour, filled) => {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context[filled ? "fillStyle" : "strokeStyle"] = colour;
      context.lineWidth = 3;
      context[filled ? "fill" : "stroke"]();
    };
    context.clearRect(0, 0, size, size);
    all.forEach(point => dot(place(point), 3, style("--faint"), true));
    marks.forEach(([x, y, colour, filled]) => dot(place([x, y]), 8, colour, filled));
    if (arrow) {
      const [from, to] = [place(arrow[0]), place(arrow[1])];
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.strokeStyle = style("--accent");
      context.stroke();
    }
    return ([x, y]) => [centre[0] + (x / size - 0.5) * extent,
                        centre[1] - (y / size - 0.5) * extent];
  }

  function drawPoints(direction) {
    const arrow = direction && [picture, picture.map((value, i) => value + direction[i])];
    plane(part("now"), data.observations, [[...startPicture, style("--text"), false],
                                           [...picture, style("--strong"), true]], arrow);
  }

  // A row of a table: each column on its own axis.
  function drawRow(direction) {
    const rows = part("now").tBodies[0].rows;
    data.columns.forEach(({ low, high }, i) => {
      const place = value => Math.min(1, Math.max(0, (value - low) / (high - low)));
      const now = place(picture[i]), ahead = direction ? place(picture[i] + direction[i]) : now;
      const places = { start: place(startPicture[i]), now, low: Math.min(now, ahead),
                       high: Math.max(now, ahead) };
      for (const [name, value] of Object.entries(places)) rows[i].style.setProperty(`--${name}`, value);
      rows[i].lastElementChild.textContent = Number(picture[i].toPrecision(4));
    });
  }

  function drawVector(direction) {
    if (isTable) drawRow(direction); else drawPoints(direction);
  }

  let codeAt = null;
  function drawPlane() {
    if (data.codes.length) {
      codeAt = plane(part("plane"), data.codes, [[...start, style("--text"), false],
                                                 [...code, style("--strong"), true]]);
    }
  }

  function draw() {
    frame = 0;
    picture = decoded(code);
    if (isImage) {
      paintImage(part("now"), picture);
      paintSigned(part("difference"), picture.map((value, i) => value - startPicture[i]),
                  data.differenceLimit);
    } else {
      drawVector();
    }
    drawPlane();
    clearTimeout(columnTimer);
    columnTimer = setTimeout(drawColumn, 40);
    clearTimeout(statusTimer);
    statusTimer = setTimeout(say, 600);
  }

  function drawColumn() {
    const found = column(watched);
    if (isImage) paintSigned(part("column"), found, data.columnLimit); else drawVector(found);
    const norm = Math.hypot(...found);
    // The columns of a table have units of their own, so there is no length.
    part("column-title").textContent = `Column of z${watched}` +
      (isTable ? "" : ` (length ${Number(norm.toPrecision(2))})`);
  }

  function mostChanged() {
    const shares = data.columns.map(({ low, high }, i) =>
      Math.abs(picture[i] - startPicture[i]) / (high - low));
    const i = shares.indexOf(Math.max(...shares));
    const [from, to] = [startPicture[i], picture[i]].map(value => Number(value.toPrecision(4)));
    return `The most changed column is ${data.columns[i].name}, from ${from} to ${to}.`;
  }

  function say() {
    const change = picture.reduce((sum, value, i) => sum + Math.abs(value - startPicture[i]), 0);
    const moved = data.latents.filter(latent => code[latent] !== start[latent]);
    part("status").textContent = moved.length
      ? `${moved.map(latent => `z${latent} is ${code[latent].toFixed(2)}`).join(", ")}. ` +
        (isTable ? mostChanged() : `Mean difference to the start: ${(change / picture.length).toFixed(3)}.`)
      : `The ${what} is the starting ${what}.`;
  }

  function show(latent) {
    const slider = sliders.get(latent);
    slider.value = code[latent];
    slider.setAttribute("aria-valuetext", code[latent].toFixed(2));
    slider.parentElement.querySelector("output").textContent = code[latent].toFixed(2);
    slider.parentElement.classList.toggle("moved", code[latent] !== start[latent]);
  }

  function redraw() {
    frame = frame || requestAnimationFrame(draw);
  }

  function set(latent, value) {
    code[latent] = value;
    show(latent);
    redraw();
  }

  function begin(values, name) {
    start = values.slice();
    startPicture = decoded(start);
    if (isImage) paintImage(part("start"), startPicture);
    part("start-title").textContent = name;
    reset();
  }

  function reset() {
    code = start.slice();
    sliders.forEach((_, latent) => show(latent));
    redraw();
  }

  function watch(latent) {
    if (latent === watched) return;
    watched = latent;
    clearTimeout(columnTimer);
    columnTimer = setTimeout(drawColumn, 20);
  }

  sliders.forEach((slider, latent) => {
    const row = slider.parentElement;
    slider.addEventListener("input", () => { watch(latent); set(latent, Number(slider.value)); });
    slider.addEventListener("focus", () => watch(latent));
    row.addEventListener("pointerenter", () => watch(latent));
    row.addEventListener("dblclick", () => set(latent, start[latent]));
    slider.addEventListener("keydown", event => {
      if (event.key === "Backspace" || event.key === "Delete") {
        event.preventDefault();
        set(latent, start[latent]);
      }
    });
  });
  root.querySelectorAll("input[name=start]").forEach(choice => choice.addEventListener(
    "change", () => begin(data.starts[Number(choice.value)], "Start")));
  part("random").addEventListener("click", () => {
    root.querySelectorAll("input[name=start]").forEach(choice => { choice.checked = false; });
    begin(data.samples[samplesDrawn++ % data.samples.length], "Start: a sample");
  });
  part("reset").addEventListener("click", reset);
  part("pictures").addEventListener("dblclick", reset);
  if (data.codes.length) {
    part("plane").addEventListener("click", event => {
      const box = event.target.getBoundingClientRect(), size = event.target.width;
      const values = codeAt([(event.clientX - box.left) / box.width * size,
                             (event.clientY - box.top) / box.height * size]);
      values.forEach((value, latent) => set(latent, value));
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  root.hidden = false;
  begin(start, data.starts.length ? "Start" : "Start: code 0");

  // For tests, and for the curious at the console.
  window.latentExplorer = { set, decoded, column, code: () => code.slice(),
                            picture: () => Array.from(picture), drawNow: draw };
})();
