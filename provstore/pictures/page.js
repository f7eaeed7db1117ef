/* Makes every picture of a page interactive: folds, search, zoom and keyboard.

   In: the JSON beside a picture. It uses no network. */

class Picture extends Figure {
  constructor(root, data) {
    super(data);
    this.root = root;
    this.build();
    this.draw();
    this.begin();
  }

  // --------------------------------------------------------------------------- controls

  build() {
    const { data } = this;
    const id = this.root.id;
    this.root.replaceChildren();
    this.search = element("input", {
      type: "search", id: `${id}-search`, autocomplete: "off", placeholder: "name, label, attribute",
      oninput: () => this.look_up(), onkeydown: (event) => this.searching(event),
    });
    this.results = element("ul", { class: "pv-results", hidden: true });
    this.found = element("span", { class: "pv-quiet", role: "status" });
    const steps = Math.max(0, ...new Set(data.nodes.map((node) => node.steps)));
    const depths = [["", "nearest elements"]];
    for (let depth = 1; depth < Math.min(steps, 10); depth++) {
      depths.push([depth, `up to ${counted(depth, "step")}`]);
    }
    depths.push([steps, `everything (${data.nodes.length})`]);
    this.depth = element("select", { id: `${id}-depth`, onchange: () => this.deepen() },
      ...depths.map(([value, words]) => element("option", { value }, words)));
    const toggle = (words, on, change) => {
      const box = element("input", { type: "checkbox", onchange: () => change(box.checked) });
      box.checked = on;
      return element("label", { class: "pv-tick" }, box, words);
    };
    const bar = element("div", { class: "pv-bar" },
      element("span", { class: "pv-search" },
        element("label", { for: `${id}-search` }, "Search"), this.search, this.results),
      this.found,
      element("span", {}, element("label", { for: `${id}-depth` }, "Show"), this.depth),
      data.nodes.some((node) => node.kind === "agent")
        ? toggle("people and programs", true, (on) => { this.people = on; this.draw(); this.begin(); })
        : null,
      data.lines.some((line) => line[5])
        ? toggle("implied statements", this.implied, (on) => { this.implied = on; this.draw(); })
        : null,
      element("span", { class: "pv-zoom" },
        button("\u2212", () => this.zoom(1 / 1.3), { "aria-label": "Zoom out" }),
        button("+", () => this.zoom(1.3), { "aria-label": "Zoom in" }),
        button("Fit", () => { this.fit(0); this.touched = true; }),
        button("Start over", () => this.over())));
    this.moved = drawn("g", {});
    this.axis = drawn("g", { "text-anchor": this.data.down ? "start" : "middle" });
    this.svg = drawn("svg", {
      class: "pv-canvas", role: "group", "font-family": this.look.font,
      "aria-label": `${data.title}. ${data.about}`,
    }, this.moved, this.axis);
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.drag(event));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("click", (event) => this.click(event));
    this.panel = element("section", { class: "pv-panel", "aria-label": "Selected element", tabindex: 0 });
    this.foot = element("p", { class: "pv-foot pv-quiet" });
    this.legend = element("ul", { class: "pv-legend", "aria-label": "Legend" });
    this.root.classList.add("pv-awake");
    this.root.append(
      element("div", { class: "pv-head" },
        element("h1", {}, data.title), element("p", { class: "pv-quiet" }, data.about)),
      bar,
      element("div", { class: "pv-stage" }, this.svg, this.panel),
      this.legend, this.foot);
    new ResizeObserver(() => { if (!this.touched) this.begin(); }).observe(this.svg);
  }

  over() {
    this.search.value = "";
    this.look_up();
    this.depth.value = "";
    this.chosen = 0;
    this.reset(this.first);
    this.draw();
    this.begin();
  }

  deepen() {
    const depth = this.depth.value;
    const all = this.data.nodes.map((_, number) => number);
    const near = all.filter((number) => this.data.nodes[number].steps <= Number(depth));
    this.reset(depth === "" ? this.first : near);
    this.draw();
    this.begin();
  }

  // --------------------------------------------------------------------------- drawing

  draw() {
    this.boxes = this.boxesOf();
    this.links = this.linksOf();
    const { look, data } = this;
    const down = data.down;
    const pairs = this.links.map((link) => [link.earlier, link.later]);
    const size = down ? look.width : look.height;
    this.layout = arrange(this.boxes.length, pairs, size, look.aside, look.bend, look);
    this.pitch = down ? look.height + look.below : look.width + look.ahead;
    const lines = this.drawLines();
    const boxes = this.boxes.map((_, number) => this.drawBox(number));
    this.moved.replaceChildren(...lines, ...boxes);
    this.dates = this.drawDates();
    this.axis.replaceChildren(...this.dates.map((date) => date.text));
    this.elements = boxes;
    this.choose(this.boxOf.has(this.chosen) ? this.chosen : this.boxes[0].members[0], false);
    this.tell();
  }

  tell() {
    const { nodes, remarks } = this.data;
    const inside = this.boxes.reduce((sum, box) => sum + (box.fold >= 0 ? box.members.length : 0), 0);
    const shown = this.boxOf.size;
    const said = [`${shown} of ${counted(nodes.length, "element")} shown`];
    if (inside) said.push(`${inside} of them folded`);
    this.foot.textContent = [`${said.join(", ")}.`, ...remarks,
      "Keys: arrows select, Enter opens, + shows neighbours. Ctrl and wheel zoom."].join(" ");
    this.tellLegend();
  }

  // --------------------------------------------------------------------------- choosing

  // Select a node, or the fold that contains it.
  choose(node, focus = true) {
    this.chosen = node;
    const number = this.boxOf.get(node);
    this.elements.forEach((one, index) => {
      one.setAttribute("tabindex", index === number ? 0 : -1);
      one.classList.toggle("pv-chosen", index === number);
    });
    this.light(number);
    describe(this, number);
    if (focus) {
      this.bring(number);
      this.elements[number].focus({ preventScroll: true });
    }
  }

  // Highlight the lines of the chosen box, and those on paths between it and the start.
  light(number) {
    const start = this.boxOf.get(0);
    const reach = (root, from, to) => {
      const next = new Map();
      for (const link of this.links) {
        if (!next.has(link[from])) next.set(link[from], []);
        next.get(link[from]).push(link[to]);
      }
      const seen = new Set([root]);
      for (const box of seen) for (const other of next.get(box) || []) seen.add(other);
      return seen;
    };
    const ways = start === undefined ? [] : [
      [reach(start, "later", "earlier"), reach(number, "earlier", "later")],
      [reach(number, "later", "earlier"), reach(start, "earlier", "later")],
    ];
    this.links.forEach((link, index) => {
      const own = link.later === number || link.earlier === number;
      const way = ways.some(([from, to]) => from.has(link.later) && to.has(link.earlier));
      this.paths[index].classList.toggle("pv-lit", own);
      this.paths[index].classList.toggle("pv-way", way && number !== start);
    });
  }

  // --------------------------------------------------------------------------- opening

  // Redraw, and keep this node in its place.
  again(node, change) {
    const before = this.middle(this.boxOf.get(node));
    change();
    this.chosen = node;
    this.draw();
    const after = this.middle(this.boxOf.get(node));
    this.x += (before[0] - after[0]) * this.scale;
    this.y += (before[1] - after[1]) * this.scale;
    this.touched = true;
    this.place();
    this.choose(node);
  }

  open(node) {
    const box = this.boxes[this.boxOf.get(node)];
    this.again(node, () => box.members.slice(0, this.look.piece).forEach((one) => this.out.add(one)));
  }

  close(node) {
    const { members } = this.data.folds[this.home.get(node)];
    this.again(node, () => members.forEach((one) => this.out.delete(one)));
  }

  bring_in(node) {
    const fold = this.home.get(node);
    const members = fold === undefined || this.out.has(node) ? [node] : this.data.folds[fold].members;
    members.forEach((one) => this.present.add(one));
  }

  expand(number) {
    const box = this.boxes[number];
    const away = [...box.away].slice(0, this.look.piece);
    this.again(box.members[0], () => away.forEach((one) => this.bring_in(one)));
  }

  // Show a single node, even if it is hidden or folded.
  reveal(node) {
    if (this.boxOf.has(node) && (!this.home.has(node) || this.out.has(node))) {
      this.choose(node);
      return;
    }
    if (!this.people && this.data.nodes[node].kind === "agent") {
      this.people = true;
      this.root.querySelector(".pv-tick input").checked = true;
    }
    this.bring_in(node);
    if (this.home.has(node)) this.out.add(node);
    this.chosen = node;
    this.draw();
    this.choose(node);
  }

  // --------------------------------------------------------------------------- searching

  look_up() {
    const wanted = this.search.value.trim().toLowerCase();
    this.texts = this.texts || this.data.nodes.map((node) =>
      [node.label, node.name, node.iri, ...node.facts.map((fact) => fact[1])].join("\n").toLowerCase());
    const hits = [];
    if (wanted) this.texts.forEach((text, number) => { if (text.includes(wanted)) hits.push(number); });
    this.hits = hits;
    this.found.textContent = wanted ? counted(hits.length, "hit") : "";
    this.results.replaceChildren(...hits.slice(0, 12).map((number) => element("li", {},
      button(this.data.nodes[number].label, () => this.take(number), { class: "pv-link" }))));
    this.results.hidden = !hits.length;
  }

  take(number) {
    this.results.hidden = true;
    this.reveal(number);
  }

  searching(event) {
    if (event.key === "Enter" && this.hits && this.hits.length) this.take(this.hits[0]);
    if (event.key === "Escape") this.results.hidden = true;
    if (event.key === "ArrowDown" && !this.results.hidden) {
      event.preventDefault();
      this.results.querySelector("button").focus();
    }
  }

  // --------------------------------------------------------------------------- moving

  place() {
    this.moved.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    for (const { along, row, text } of this.dates) {  // dates stay at the edge
      const at = along * this.scale + (this.data.down ? this.y : this.x);
      text.setAttribute("x", this.data.down ? 8 : at);
      text.setAttribute("y", this.data.down ? at + 4 + 13 * row : 16);
    }
    this.svg.classList.toggle("pv-far", this.scale < 0.4);
    this.svg.classList.toggle("pv-farther", this.scale < 0.2);
  }

  // At first the starting point is readable, even if the picture does not fit.
  begin() {
    this.fit(0.8);
  }

  fit(least) {
    const room = this.svg.getBoundingClientRect();
    if (!room.width || !room.height) return;
    const points = this.boxes.map((_, number) => this.middle(number));
    const most = (at) => points.reduce((high, point) => Math.max(high, point[at]), 0);
    const sides = [this.look.width / 2 + (this.data.down ? 120 : 24), this.look.height / 2 + 40];
    const size = [most(0) + 2 * sides[0], most(1) + 2 * sides[1]];
    const whole = Math.min(room.width / size[0], room.height / size[1], 1);
    this.scale = Math.max(whole, least, 0.02);
    const start = this.middle(this.boxOf.get(this.chosen));
    const centre = (at, wide) => (size[at] * this.scale <= wide
      ? (wide - size[at] * this.scale) / 2 + sides[at] * this.scale
      : Math.min(sides[at] * this.scale, Math.max(
        wide - (size[at] - sides[at]) * this.scale, wide / 2 - start[at] * this.scale)));
    this.x = centre(0, room.width);
    this.y = centre(1, room.height);
    this.touched = false;
    this.place();
  }

  bring(number) {
    const room = this.svg.getBoundingClientRect();
    const [x, y] = this.middle(number).map((one) => one * this.scale);
    const edge = [this.look.width / 2 * this.scale + 16, this.look.height / 2 * this.scale + 16];
    if (x + this.x < edge[0] || x + this.x > room.width - edge[0]) this.x = room.width / 2 - x;
    if (y + this.y < edge[1] || y + this.y > room.height - edge[1]) this.y = room.height / 2 - y;
    this.place();
  }

  zoom(by, x, y) {
    const room = this.svg.getBoundingClientRect();
    const [left, top] = [x === undefined ? room.width / 2 : x, y === undefined ? room.height / 2 : y];
    const scale = Math.min(4, Math.max(0.02, this.scale * by));
    this.x = left - ((left - this.x) * scale) / this.scale;
    this.y = top - ((top - this.y) * scale) / this.scale;
    this.scale = scale;
    this.touched = true;
    this.place();
  }

  // Ctrl and wheel zoom, as on maps; the wheel alone moves the picture.
  wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const room = this.svg.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY * 0.004), event.clientX - room.left, event.clientY - room.top);
    } else {
      this.x -= event.shiftKey ? event.deltaY : event.deltaX;
      this.y -= event.shiftKey ? 0 : event.deltaY;
      this.touched = true;
      this.place();
    }
  }

  drag(event) {
    this.dragged = false;
    const [x, y] = [event.clientX - this.x, event.clientY - this.y];
    const [atX, atY] = [event.clientX, event.clientY];
    const move = (now) => {
      if (Math.abs(now.clientX - atX) + Math.abs(now.clientY - atY) > 4) this.dragged = true;
      if (!this.dragged) return;
      [this.x, this.y] = [now.clientX - x, now.clientY - y];
      this.touched = true;
      this.place();
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
  }

  click(event) {
    const node = event.target.closest(".pv-node");
    if (!node || this.dragged) return;
    const number = Number(node.dataset.box);
    const box = this.boxes[number];
    if (event.target.closest(".pv-more")) this.expand(number);
    else if (box.fold >= 0) this.open(box.members[0]);
    else this.choose(box.members[0]);
  }

  key(event) {
    const number = this.boxOf.get(this.chosen);
    const box = this.boxes[number];
    const { down } = this.data;
    const arrows = {
      ArrowLeft: down ? [0, -1] : [-1, 0], ArrowRight: down ? [0, 1] : [1, 0],
      ArrowUp: down ? [-1, 0] : [0, -1], ArrowDown: down ? [1, 0] : [0, 1],
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrows[event.key]) this.step(number, ...arrows[event.key]);
    else if (event.key === "Enter" || event.key === " ") {
      if (box.fold >= 0) this.open(box.members[0]);
      else this.panel.focus();
    } else if (event.key === "+") {
      if (box.away.size) this.expand(number);
    } else if (event.key === "Home") this.choose(this.boxes[this.boxOf.get(0) || 0].members[0]);
    else return;
    event.preventDefault();
  }

  // The next box along a line, or beside it in the same layer.
  step(number, along, across) {
    const { layer, place } = this.layout;
    const near = new Set(this.links.flatMap((link) =>
      (link.later === number ? [link.earlier] : link.earlier === number ? [link.later] : [])));
    let best = -1;
    let least = Infinity;
    this.boxes.forEach((_, other) => {
      const ahead = (layer[other] - layer[number]) * along;
      const aside = (place[other] - place[number]) * across;
      if (other === number || (along ? ahead <= 0 : layer[other] !== layer[number] || aside <= 0)) return;
      const far = along
        ? (near.has(other) ? 0 : 1e7) + ahead * 1e4 + Math.abs(place[other] - place[number])
        : aside;
      if (far < least) [best, least] = [other, far];
    });
    if (best >= 0) this.choose(this.boxes[best].members[0]);
  }
}

for (const root of document.querySelectorAll(".pv-picture")) {
  const data = root.querySelector('script[type="application/json"]');
  if (data) root.picture = new Picture(root, JSON.parse(data.textContent));
}
