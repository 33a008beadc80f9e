// What the browser does by itself: routing, hover, theme, and keys. No library, no request to another host.
(function () {
  "use strict";
  const skip = () => window.dash_clientside.no_update;

  // Go to an address of this app without loading the page again; dcc.Location hears of it.
  function go(href) {
    if (href === location.pathname + location.search) return;
    history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  // This address with one parameter set, or without it when empty; a changed one may end others.
  function withParameter(name, value, ...ended) {
    const parameters = new URLSearchParams(location.search);
    if ((parameters.get(name) || "") === String(value)) return location.pathname + location.search;
    parameters.delete(name);
    for (const each of ended) parameters.delete(each);
    if (value !== "") parameters.set(name, value);
    const text = parameters.toString();
    return location.pathname + (text ? "?" + text : "");
  }

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  }

  // The covers behind the points of the map, unpacked once a projection.
  let packed = null;
  let unpacked = null;
  function covers(data) {
    if (data !== packed) {
      packed = data;
      unpacked = data && {
        ids: new Int32Array(bytes(data.ids).buffer),
        genre: new Int32Array(bytes(data.genre).buffer),
        hashes: bytes(data.hashes),
      };
    }
    return unpacked;
  }

  function hash(points, i) {
    return Array.from(points.hashes.subarray(32 * i, 32 * i + 32), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  // Not a point that is filtered out, whose colour code is 0.
  function isShown(point) {
    return point["marker.color"] !== 0;
  }

  const routed = {};
  // What of the address only the panel shows.
  const OF_PANEL = ["cover", "why", "boxes"];

  function component(type, props) {
    return { namespace: "dash_html_components", type, props };
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.genrescope = {
    // Hand the query string to the store of the page it is for, without what only the panel shows, and whole to the panel.
    route(path, search, paths) {
      window.dash_clientside.set_props("notice", { children: null });
      const page = path.length > 1 ? path.replace(/\/+$/, "") : path;
      const parameters = new URLSearchParams(search);
      for (const name of OF_PANEL) parameters.delete(name);
      const rest = parameters.toString();
      for (const link of document.querySelectorAll(".bar nav a")) {
        if (link.getAttribute("href") === page) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      // A store that is set anew fires its callbacks even when it holds the same: whoever only opens a cover must not
      // have the whole page made anew.
      const isNew = routed[page] !== rest;
      routed[page] = rest;
      const views = paths.map((each) => (each === page && isNew ? (rest ? "?" + rest : "") : skip()));
      return [...views, page + (search || "")];
    },

    hover(data, packedCovers) {
      const point = data && data.points && data.points[0];
      const points = covers(packedCovers);
      if (!point || !points || !isShown(point)) return [false, skip(), skip(), skip()];
      const i = point.pointNumber;
      const name = packedCovers.genres[points.genre[i]];
      const children = [
        component("Img", { src: "/thumbnails/" + hash(points, i) + ".webp", alt: "" }),
        component("Span", {
          className: "genre",
          children: [
            component("I", { className: "dot", style: { "--color": packedCovers.colors[points.genre[i]] } }),
            name,
          ],
        }),
      ];
      const graph = document.getElementById("map").getBoundingClientRect();
      const direction = point.bbox.x0 > graph.width - 240 ? "left" : "right";
      return [true, point.bbox, direction, children];
    },

    pick(data, packedCovers) {
      const point = data && data.points && data.points.find(isShown);
      const points = covers(packedCovers);
      if (point && points) go(withParameter("cover", points.ids[point.pointNumber]));
      return null; // so that a second click on the same point is heard too
    },

    gather(data, packedCovers) {
      window.dash_clientside.set_props("map-tooltip", { show: false }); // the map moves under the pointer
      const points = covers(packedCovers);
      if (!data || !data.points || !points) return [];
      return data.points.filter(isShown).map((each) => points.ids[each.pointNumber]);
    },

    query: (value) => go(withParameter("query", value || "", "cover", "words", "written")),
    words: (value) => go(withParameter("words", value || "", "cover", "query", "written")),
    written: (value) => go(withParameter("written", value || "", "cover", "query", "words")),
    lettered: (value) => go(withParameter("written", value || "")),
    find: (value) => go(withParameter("find", value || "")),

    toggleTheme(clicks) {
      if (!clicks) return;
      const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      localStorage.setItem("genrescope-theme", theme);
    },
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || event.target.closest(".options a")) menu.open = false;
    }
    const link = event.target.closest && event.target.closest("a[data-go]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const target = new URL(link.href);
    // Whoever changes what a page shows keeps the cover that lies open beside it; the panel's links say all themselves.
    const open = new URLSearchParams(location.search);
    const stays = target.pathname === location.pathname;
    if (stays && link.dataset.go !== "drop" && !link.closest("#panel")) {
      for (const name of OF_PANEL) {
        if (open.has(name) && !target.searchParams.has(name)) target.searchParams.set(name, open.get(name));
      }
    }
    go(target.pathname + target.search);
    if (!stays) document.getElementById("page").scrollTo(0, 0);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const close = document.querySelector("#panel .close");
    if (close) close.click();
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (!localStorage.getItem("genrescope-theme")) {
      document.documentElement.dataset.theme = event.matches ? "dark" : "light";
    }
  });
})();
