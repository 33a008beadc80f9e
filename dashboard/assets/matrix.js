// Matrices of genres: they come as one array in an attribute, and are drawn, fitted and walked through here.
(function () {
  "use strict";
  const SMALLEST = 12; // a cell, in pixels; of more genres the frame scrolls
  const LEGIBLE = 27; // narrower cells show their tint alone, and what they say below
  const SLANTED = 30; // narrower columns have upright titles
  const SLANT = 78; // room that slanted titles want behind the last column
  const GAP = 2;

  function make(name, properties, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function genre(name, color) {
    const dot = make("i", { class: "dot", "aria-hidden": "true", style: `--color: ${color || "var(--line-strong)"}` });
    return [dot, make("span", { class: "name" }, name)];
  }

  function head(data) {
    const corner = make("th", { class: "corner" }, ...data.corner.map((text) => make("span", {}, text)));
    const titles = data.columns.map(([name, color]) =>
      make("th", { scope: "col", class: "column" }, make("div", { title: name }, ...genre(name, color))),
    );
    return make("thead", {}, make("tr", {}, corner, ...titles));
  }

  function cell(data, place, entry) {
    const kind = data.kind[place];
    if (kind === "none") return make("td", {});
    const style = `--strength: ${data.strength[place]}%`;
    const about = { title: data.label[place] };
    if (data.href[place] === null) {
      return make("td", { class: kind, style }, make("span", about, data.text[place]));
    }
    // One cell is a stop of the tabulator, the arrows lead to the others.
    const link = {
      ...about,
      href: data.prefix + data.href[place],
      "aria-label": data.label[place],
      "data-go": "",
      "data-place": place,
      tabindex: place === entry ? 0 : -1,
    };
    if (place === data.current) link["aria-current"] = "true";
    return make("td", { class: kind, style }, make("a", link, data.text[place]));
  }

  function body(data) {
    const across = data.columns.length;
    const first = data.href.findIndex((href) => href !== null);
    const entry = data.current >= 0 && data.href[data.current] !== null ? data.current : first;
    const rows = data.rows.map(([name, color], i) => {
      const title = make("th", { scope: "row" }, make("span", { class: "genre", title: name }, ...genre(name, color)));
      return make("tr", {}, title, ...data.columns.map((_, j) => cell(data, i * across + j, entry)));
    });
    return make("tbody", {}, ...rows);
  }

  // The widest cells, up to what was asked for, that fit into the frame beside the names.
  function fit(frame) {
    const table = frame.querySelector("table");
    const row = table && table.tBodies[0].rows[0];
    if (!row || !frame.clientWidth) return;
    const count = row.cells.length - 1;
    const room = frame.clientWidth - row.cells[0].offsetWidth - GAP * (count + 2);
    let side = Math.floor((room - SLANT) / count);
    const upright = side < SLANTED;
    if (upright) side = Math.floor(room / count);
    side = Math.max(Math.min(side, frame.asked), SMALLEST);
    frame.style.setProperty("--cell", `${side}px`);
    frame.classList.toggle("upright", upright);
    frame.classList.toggle("tiny", side < LEGIBLE);
  }

  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));

  function draw(frame) {
    const data = JSON.parse(frame.dataset.matrix);
    const focused = frame.contains(document.activeElement) && document.activeElement.dataset.place;
    frame.drawn = frame.dataset.matrix;
    frame.asked = data.side;
    frame.replaceChildren(make("table", { class: "matrix" }, head(data), body(data)), make("p", { class: "under" }));
    fit(frame);
    sizes.observe(frame);
    const again = focused && frame.querySelector(`a[data-place="${focused}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  function drawAll() {
    for (const frame of document.querySelectorAll("[data-matrix]")) {
      if (frame.drawn !== frame.dataset.matrix) draw(frame);
    }
  }

  function cellOf(event) {
    return event.target.closest ? event.target.closest(".matrix td > *") : null;
  }

  // What a cell says stands below the matrix, too, where cells are too small for it.
  function say(event) {
    const found = cellOf(event);
    if (found) found.closest(".matrix-frame").querySelector(".under").textContent = found.title;
  }

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  function walk(event) {
    const step = STEPS[event.key];
    const from = step && cellOf(event);
    if (!from) return;
    event.preventDefault();
    const rows = from.closest("tbody").rows;
    let row = from.closest("tr").sectionRowIndex + step[0];
    let column = from.closest("td").cellIndex + step[1];
    for (; rows[row] && column > 0 && rows[row].cells[column]; row += step[0], column += step[1]) {
      const next = rows[row].cells[column].querySelector("a");
      if (!next) continue;
      from.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  }

  new MutationObserver(drawAll).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-matrix"],
  });
  document.addEventListener("mouseover", say);
  document.addEventListener("focusin", say);
  document.addEventListener("keydown", walk);
})();
