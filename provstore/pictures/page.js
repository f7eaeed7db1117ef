"use strict";
/* Wakes every picture of a page: folds open, things are found, the keyboard leads through it.

   In: the JSON beside a picture. Out: elements made one by one; every text of it enters as text.
   `arrange` is the arithmetic of layers.py, `boxesOf` and `linksOf` are the rules of folding.py:
   change both, a test compares them. It asks the network for nothing. */
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  // ------------------------------------------------------------------------------- layers

  function arrange(count, links, size, gap, bend, tune) {
    const ahead = acyclic(count, links);
    const layer = layersOf(count, ahead);
    const rows = Array.from({ length: count ? Math.max(...new Set(layer)) + 1 : 0 }, () => []);
    for (let box = 0; box < count; box++) rows[layer[box]].push(box);
    const before = Array.from({ length: count }, () => []);
    const after = Array.from({ length: count }, () => []);
    const bends = links.map(() => []);
    const span = (link) => layer[ahead[link][1]] - layer[ahead[link][0]];
    let left = tune.bends;
    for (const index of ahead.map((_, at) => at).sort((a, b) => span(a) - span(b))) {
      const [start, end] = ahead[index];
      if (start === end) continue;
      left -= layer[end] - layer[start] - 1;
      let last = start;
      for (let between = layer[start] + 1; left >= 0 && between < layer[end]; between++) {
        const item = before.length;
        before.push([last]);
        after.push([]);
        after[last].push(item);
        rows[between].push(item);
        bends[index].push(item);
        layer.push(between);
        last = item;
      }
      after[last].push(end);
      before[end].push(last);
    }
    const ordered = order(rows, before, after, tune.sweeps);
    const place = places(ordered, before, after, count, size, gap, bend, tune.passes);
    const ways = bends.map((passed) => passed.map((item) => [layer[item], place[item]]));
    return { layer: layer.slice(0, count), place: place.slice(0, count), ways };
  }

  function acyclic(count, links) {
    const entering = Array.from({ length: count }, () => []);
    links.forEach(([, end], index) => entering[end].push(index));
    const ahead = links.slice();
    const state = new Int8Array(count);
    for (let root = 0; root < count; root++) {
      const path = state[root] ? [] : [[root, 0]];
      while (path.length) {
        const [box, at] = path.pop();
        state[box] = 1;
        if (at === entering[box].length) {
          state[box] = 2;
          continue;
        }
        path.push([box, at + 1]);
        const start = links[entering[box][at]][0];
        if (state[start] === 1) ahead[entering[box][at]] = [box, start];
        else if (!state[start]) path.push([start, 0]);
      }
    }
    return ahead;
  }

  function layersOf(count, ahead) {
    const before = Array.from({ length: count }, () => []);
    const after = Array.from({ length: count }, () => []);
    for (const [start, end] of ahead) {
      if (start === end) continue;
      after[start].push(end);
      before[end].push(start);
    }
    const waits = before.map((found) => found.length);
    const found = [];
    for (let box = 0; box < count; box++) if (!waits[box]) found.push(box);
    const layer = new Array(count).fill(0);
    for (const box of found) {
      for (const end of after[box]) {
        layer[end] = Math.max(layer[end], layer[box] + 1);
        if (!--waits[end]) found.push(end);
      }
    }
    for (const box of found.reverse()) {
      if (after[box].length > before[box].length) {
        layer[box] = after[box].reduce((least, end) => Math.min(least, layer[end]), Infinity) - 1;
      }
    }
    const used = new Map();
    [...new Set(layer)].sort((a, b) => a - b).forEach((old, at) => used.set(old, at));
    return layer.map((old) => used.get(old));
  }

  const copied = (rows) => rows.map((row) => row.slice());

  function order(rows, before, after, sweeps) {
    const at = new Array(before.length).fill(0);
    const count = (row) => row.forEach((item, index) => { at[item] = index; });
    rows.forEach(count);
    let best = copied(rows);
    let fewest = crossings(rows, after, at);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const forth = sweep % 2 === 0;
      const near = forth ? before : after;
      for (const row of forth ? rows : rows.slice().reverse()) {
        const middle = new Map(row.map((item) => [item, mean(near[item], at, at[item])]));
        row.sort((a, b) => middle.get(a) - middle.get(b));
        count(row);
      }
      const now = crossings(rows, after, at);
      if (now < fewest) [best, fewest] = [copied(rows), now];
    }
    return best;
  }

  function mean(items, values, otherwise) {
    if (!items.length) return otherwise;
    let sum = 0;
    for (const item of items) sum += values[item];
    return sum / items.length;
  }

  function crossings(rows, after, at) {
    let total = 0;
    for (let number = 0; number + 1 < rows.length; number++) {
      const most = rows[number + 1].length;
      const tree = new Int32Array(most + 1);
      let seen = 0;
      for (const item of rows[number]) {
        const ends = after[item].map((other) => at[other]).sort((a, b) => a - b);
        for (const end of ends) {
          let passed = 0;
          for (let index = end + 1; index; index &= index - 1) passed += tree[index];
          total += seen - passed;
        }
        for (const end of ends) {
          seen += 1;
          for (let index = end + 1; index <= most; index += index & -index) tree[index] += 1;
        }
      }
    }
    return total;
  }

  function places(rows, before, after, count, size, gap, bend, passes) {
    const place = new Array(before.length).fill(0);
    const offsets = rows.map((row) => {
      let at = 0;
      const offset = row.map((item, index) => {
        const room = item < count ? size : bend;
        at += room / 2 + (index ? gap : 0);
        const middle = at;
        at += room / 2;
        return middle;
      });
      row.forEach((item, index) => { place[item] = offset[index] - at / 2; });
      return offset;
    });
    for (let turn = 0; turn < passes; turn++) {
      const forth = turn % 2 === 0;
      const both = turn >= passes - 2;
      for (let step = 0; step < rows.length; step++) {
        const number = forth ? step : rows.length - 1 - step;
        const wanted = [];
        const weights = [];
        for (const item of rows[number]) {
          const one = forth ? before[item] : after[item];
          const near = both ? before[item].concat(after[item]) : one;
          wanted.push(mean(near, place, place[item]));
          weights.push(item < count ? near.length + 0.5 : 8);
        }
        const found = apart(wanted, weights, offsets[number]);
        rows[number].forEach((item, index) => { place[item] = found[index]; });
      }
    }
    const least = place.reduce((low, one) => Math.min(low, one), place.length ? Infinity : 0);
    return place.map((one) => one - least);
  }

  function apart(wanted, weights, offset) {
    const pools = [];
    wanted.forEach((want, index) => {
      let pool = [want - offset[index], weights[index], 1];
      while (pools.length && pools[pools.length - 1][0] > pool[0]) {
        const [other, more, others] = pools.pop();
        const middle = (other * more + pool[0] * pool[1]) / (more + pool[1]);
        pool = [middle, pool[1] + more, pool[2] + others];
      }
      pools.push(pool);
    });
    const found = [];
    for (const [middle, , members] of pools) {
      for (let one = 0; one < members; one++) found.push(middle + offset[found.length]);
    }
    return found;
  }

  // ------------------------------------------------------------------------------- elements

  function element(name, properties, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...inside.filter((one) => one !== null && one !== undefined));
    return made;
  }

  function drawn(name, attributes, ...inside) {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...inside);
    return made;
  }

  function shape(look, fill, x, y, wide = look.width / 2, high = look.height / 2) {
    const paint = { class: "pv-shape", fill: fill.fill, stroke: fill.stroke, "stroke-width": 1.4 };
    if (fill.shape === "ellipse") {
      return drawn("ellipse", { cx: x, cy: y, rx: wide, ry: high, ...paint });
    }
    if (fill.shape === "house") {
      const eaves = y - high + high * 0.52;
      const path = `M${x} ${y - high}L${x + wide} ${eaves}V${y + high}H${x - wide}V${eaves}Z`;
      return drawn("path", { d: path, ...paint });
    }
    const corner = { x: x - wide, y: y - high, width: 2 * wide, height: 2 * high, rx: 3 };
    return drawn("rect", { ...corner, ...paint });
  }

  function pill(x, y, text, ground, ink, edge) {
    const wide = text.length * 6.3 + 14;
    const place = { x: x - wide / 2, y: y - 8, width: wide, height: 16, rx: 8, fill: ground };
    if (edge) place.stroke = edge;
    const words = { x, y: y + 3.5, "font-size": 10, "font-weight": 600, fill: ink };
    return [drawn("rect", place), drawn("text", { ...words, "text-anchor": "middle" }, text)];
  }

  const button = (text, click, more) =>
    element("button", { type: "button", onclick: click, ...more }, text);
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  // ------------------------------------------------------------------------------- the picture

  class Picture {
    constructor(root, data) {
      this.root = root;
      this.data = data;
      this.look = data.look;
      this.home = new Map();
      data.folds.forEach((fold, number) => fold.members.forEach((one) => this.home.set(one, number)));
      this.near = data.nodes.map(() => []);
      data.lines.forEach(([later, earlier]) => {
        this.near[later].push(earlier);
        this.near[earlier].push(later);
      });
      this.first = data.boxes.flat();
      this.people = true;
      this.implied = data.implied;
      this.chosen = 0;
      this.reset(this.first);
      this.build();
      this.draw();
      this.fit();
    }

    reset(nodes) {
      this.present = new Set(nodes);
      this.out = new Set();
    }

    // Boxes: [members, fold or -1], in the order in which they came.
    boxesOf() {
      const boxes = [];
      const folds = new Map();
      this.boxOf = new Map();
      for (const node of this.present) {
        if (!this.people && this.data.nodes[node].kind === "agent") continue;
        const fold = this.home.has(node) && !this.out.has(node) ? this.home.get(node) : -1;
        if (fold >= 0 && folds.has(fold)) {
          boxes[folds.get(fold)].members.push(node);
        } else {
          if (fold >= 0) folds.set(fold, boxes.length);
          boxes.push({ members: [node], fold });
        }
        this.boxOf.set(node, fold >= 0 ? folds.get(fold) : boxes.length - 1);
      }
      for (const box of boxes) box.away = this.away(box);
      return boxes;
    }

    away(box) {
      const found = new Set();
      for (const member of box.members) {
        for (const other of this.near[member]) {
          const left = !this.people && this.data.nodes[other].kind === "agent";
          if (!this.boxOf.has(other) && !this.present.has(other) && !left) found.add(other);
        }
      }
      return found;
    }

    more(box) {
      return box.away.size + box.members.reduce((sum, one) => sum + this.data.nodes[one].more, 0);
    }

    linksOf() {
      const found = new Map();
      this.data.lines.forEach(([one, other, kind, , , implied], number) => {
        const later = this.boxOf.get(one);
        const earlier = this.boxOf.get(other);
        if (later === undefined || earlier === undefined || later === earlier) return;
        const key = `${later} ${earlier} ${kind}`;
        if (!found.has(key)) found.set(key, { later, earlier, kind, lines: [], implied: true });
        found.get(key).lines.push(number);
        if (!implied) found.get(key).implied = false;
      });
      return [...found.values()].filter((link) => this.implied || !link.implied);
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
      const depths = [["", "the nearest"]];
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
          ? toggle("people and programs", true, (on) => { this.people = on; this.draw(); this.fit(); })
          : null,
        data.lines.some((line) => line[5])
          ? toggle("implied statements", this.implied, (on) => { this.implied = on; this.draw(); })
          : null,
        element("span", { class: "pv-zoom" },
          button("\u2212", () => this.zoom(1 / 1.3), { "aria-label": "Zoom out" }),
          button("+", () => this.zoom(1.3), { "aria-label": "Zoom in" }),
          button("Fit", () => this.fit()),
          button("Start over", () => this.over())));
      this.moved = drawn("g", {});
      this.svg = drawn("svg", {
        class: "pv-canvas", role: "group", "font-family": this.look.font,
        "aria-label": `${data.title}. ${data.about}`,
      }, this.moved);
      this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      this.svg.addEventListener("pointerdown", (event) => this.drag(event));
      this.svg.addEventListener("keydown", (event) => this.key(event));
      this.svg.addEventListener("click", (event) => this.click(event));
      this.panel = element("section", { class: "pv-panel", "aria-label": "What was chosen", tabindex: 0 });
      this.foot = element("p", { class: "pv-foot pv-quiet" });
      this.legend = element("ul", { class: "pv-legend", "aria-label": "Legend" });
      this.root.classList.add("pv-awake");
      this.root.append(
        element("div", { class: "pv-head" },
          element("h1", {}, data.title), element("p", { class: "pv-quiet" }, data.about)),
        bar,
        element("div", { class: "pv-stage" }, this.svg, this.panel),
        this.legend, this.foot);
      new ResizeObserver(() => { if (!this.touched) this.fit(); }).observe(this.svg);
    }

    over() {
      this.search.value = "";
      this.look_up();
      this.depth.value = "";
      this.chosen = 0;
      this.reset(this.first);
      this.draw();
      this.fit();
    }

    deepen() {
      const depth = this.depth.value;
      const all = this.data.nodes.map((_, number) => number);
      const near = all.filter((number) => this.data.nodes[number].steps <= Number(depth));
      this.reset(depth === "" ? this.first : near);
      this.draw();
      this.fit();
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
      this.moved.replaceChildren(...this.drawDates(), ...lines, ...boxes);
      this.elements = boxes;
      this.choose(this.boxOf.has(this.chosen) ? this.chosen : this.boxes[0].members[0], false);
      this.tell();
    }

    point(along, across) {
      return this.data.down ? [across, along] : [along, across];
    }

    middle(box) {
      return this.point(this.layout.layer[box] * this.pitch, this.layout.place[box]);
    }

    kind(box) {
      const { members, fold } = this.boxes[box];
      return fold >= 0 ? this.data.folds[fold].kind : this.data.nodes[members[0]].kind;
    }

    drawDates() {
      const days = new Map();
      this.boxes.forEach((box, number) => {
        const layer = this.layout.layer[number];
        for (const member of box.members) {
          const time = this.data.nodes[member].time.slice(0, 10);
          if (time) days.set(layer, (days.get(layer) || []).concat(time));
        }
      });
      const low = this.layout.place.reduce((least, one) => Math.min(least, one), Infinity);
      const aside = this.data.down ? this.look.width / 2 + 16 : this.look.height / 2 + 14;
      const anchor = this.data.down ? "end" : "middle";
      return [...days].flatMap(([layer, found]) => {
        found.sort();
        const both = [...new Set([found[0], found[found.length - 1]])];
        const lines = this.data.down ? both : [both.join(" \u2013 ")];
        const [x, y] = this.point(layer * this.pitch, low - aside);
        return lines.map((words, row) => drawn("text",
          { x, y: y + 4 + 13 * row, class: "pv-date", "text-anchor": anchor }, words));
      });
    }

    ends(link) {
      const { layer } = this.layout;
      const turned = layer[link.earlier] > layer[link.later];
      return turned ? [link.later, link.earlier] : [link.earlier, link.later];
    }

    ports() {
      const { layer, place, ways } = this.layout;
      const sides = new Map();
      const side = (box, right, place_, index) => {
        const key = `${box} ${right}`;
        if (!sides.has(key)) sides.set(key, []);
        sides.get(key).push([place_, index]);
      };
      this.links.forEach((link, index) => {
        const [start, end] = this.ends(link);
        const way = ways[index];
        side(start, 1, way.length ? way[0][1] : place[end], index);
        side(end, 0, way.length ? way[way.length - 1][1] : place[start], index);
      });
      const { down } = this.data;
      const half = (down ? this.look.height : this.look.width) / 2;
      const across = (down ? this.look.width : this.look.height) / 2;
      const room = down ? 60 : 12;
      const meets = this.links.map(() => [null, null]);
      for (const [key, found] of sides) {
        const [box, right] = key.split(" ").map(Number);
        const step = found.length > 1 ? Math.min(7, (2 * room) / (found.length - 1)) : 0;
        found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const round = this.look.kinds[this.kind(box)].shape === "ellipse";
        found.forEach(([, index], at) => {
          const off = (at - (found.length - 1) / 2) * step;
          const out = round ? half * Math.sqrt(1 - (off / across) ** 2) : half;
          const along = layer[box] * this.pitch + (right ? out : -out);
          meets[index][right ? 0 : 1] = [along, place[box] + off];
        });
      }
      return meets;
    }

    drawLines() {
      const meets = this.ports();
      const tip = 7;
      const half = (this.data.down ? this.look.height : this.look.width) / 2;
      const at = (along, across) => this.point(along, across).map((n) => n.toFixed(1)).join(" ");
      this.paths = this.links.map((link, index) => {
        const [start, end] = meets[index];
        const forth = this.ends(link)[0] === link.earlier;
        const points = [[forth ? start[0] + tip : start[0], start[1]]];
        for (const [layer, place] of this.layout.ways[index]) {
          points.push([layer * this.pitch - half, place], [layer * this.pitch + half, place]);
        }
        points.push([forth ? end[0] : end[0] - tip, end[1]]);
        let path = `M${at(...points[0])}`;
        for (let leg = 0; leg + 1 < points.length; leg++) {
          const [[a, b], [c, d]] = [points[leg], points[leg + 1]];
          const mid = (a + c) / 2;
          path += leg % 2 ? `L${at(c, d)}` : `C${at(mid, b)} ${at(mid, d)} ${at(c, d)}`;
        }
        const [along, across] = forth ? start : end;
        const back = forth ? along + tip : along - tip;
        const head = `M${at(along, across)}L${at(back, across - 3.5)}L${at(back, across + 3.5)}Z`;
        const stroke = this.look.strokes[link.kind];
        const line = { d: path, fill: "none", stroke: stroke.stroke, "stroke-width": stroke.width };
        if (stroke.dash) line["stroke-dasharray"] = stroke.dash;
        const many = link.lines.length > 1 ? ` (${link.lines.length}\u00d7)` : "";
        return drawn("g", { class: link.implied ? "pv-line pv-implied" : "pv-line" },
          drawn("title", {}, link.kind + many),
          drawn("path", line), drawn("path", { d: head, fill: stroke.stroke }));
      });
      return this.paths;
    }

    wordsOf(box) {
      const { members, fold } = this.boxes[box];
      if (fold < 0) return this.data.nodes[members[0]].lines;
      const { noun, caption } = this.data.folds[fold];
      const head = `${members.length} ${noun}`;
      return caption ? [[head, 12, -3], [caption, 10, 13]] : [[head, 12, 4]];
    }

    spoken(box) {
      const { members, fold } = this.boxes[box];
      const more = this.more(this.boxes[box]);
      const hidden = more ? `, ${counted(more, "hidden neighbour")}` : "";
      if (fold >= 0) {
        const { noun, caption } = this.data.folds[fold];
        return `${members.length} ${noun} ${caption}, folded${hidden}`;
      }
      const node = this.data.nodes[members[0]];
      const start = members[0] === 0 ? ", what was asked about" : "";
      return `${node.kind} ${[node.label, ...node.marks].join(", ")}${start}${hidden}`;
    }

    drawBox(number) {
      const box = this.boxes[number];
      const { look } = this;
      const [x, y] = this.middle(number);
      const fill = look.kinds[this.kind(number)];
      const marks = box.fold < 0 ? this.data.nodes[box.members[0]].marks : [];
      const group = drawn("g", {
        class: "pv-node", role: "button", tabindex: -1, "data-box": number,
        "aria-label": this.spoken(number),
      });
      if (box.members[0] === 0 && box.fold < 0) group.classList.add("pv-start");
      if (box.fold >= 0) group.append(shape(look, fill, x + 6, y + 6), shape(look, fill, x + 3, y + 3));
      const outline = shape(look, fill, x, y);
      if (marks.length) outline.setAttribute("stroke-dasharray", look.marks[marks[0]].dash);
      group.append(outline);
      for (const [text, size, off] of this.wordsOf(number)) {
        const words = { x, y: y + off + (fill.shape === "house" ? 4 : 0), "font-size": size };
        const style = size < 12 ? "pv-name" : "pv-label";
        const struck = size >= 12 && marks.includes("retracted") ? " pv-struck" : "";
        group.append(drawn("text", { ...words, class: style + struck }, text));
      }
      let at = x + look.width / 2 - 8;
      for (const mark of marks.slice().reverse()) {
        const wide = mark.length * 6.3 + 14;
        group.append(...pill(at - wide / 2, y - look.height / 2 - 4, mark, look.marks[mark].ground, "#fff"));
        at -= wide + 4;
      }
      const more = this.more(box);
      if (more) {
        const badge = drawn("g", { class: box.away.size ? "pv-more" : "pv-beyond" });
        badge.append(...pill(x - look.width / 2 + 14, y + look.height / 2, `+${more}`, "#fff", "#1b1f24", "#4d5661"));
        group.append(badge);
      }
      return group;
    }

    tell() {
      const { nodes, remarks } = this.data;
      const inside = this.boxes.reduce((sum, box) => sum + (box.fold >= 0 ? box.members.length : 0), 0);
      const shown = this.boxOf.size;
      const said = [`${shown} of ${counted(nodes.length, "thing")} are in the picture`];
      if (inside) said.push(`${inside} of them folded`);
      this.foot.textContent = [`${said.join(", ")}.`, ...remarks,
        "Arrows and Enter lead through it, + shows neighbours."].join(" ");
      this.tellLegend();
    }

    tellLegend() {
      const { look } = this;
      const sign = (wide, ...inside) => drawn("svg", {
        width: wide, height: 20, viewBox: `0 -10 ${wide} 20`, "aria-hidden": "true",
      }, ...inside);
      const items = [];
      const kinds = new Set(this.boxes.map((_, number) => this.kind(number)));
      for (const [kind, fill] of Object.entries(look.kinds)) {
        if (kind && kinds.has(kind)) items.push([sign(30, shape(look, fill, 15, 0, 13, 8)), fill.word]);
      }
      const lines = new Set(this.links.map((link) => link.kind));
      for (const [kind, stroke] of Object.entries(look.strokes)) {
        if (!lines.has(kind)) continue;
        const line = { d: "M8 0H36", stroke: stroke.stroke, "stroke-width": stroke.width, fill: "none" };
        if (stroke.dash) line["stroke-dasharray"] = stroke.dash;
        const head = drawn("path", { d: "M1 0L8 -3.5L8 3.5Z", fill: stroke.stroke });
        items.push([sign(38, drawn("path", line), head), kind]);
      }
      const marks = new Set(this.boxes.flatMap((box) =>
        (box.fold < 0 ? this.data.nodes[box.members[0]].marks : [])));
      for (const [mark, badge] of Object.entries(look.marks)) {
        if (!marks.has(mark)) continue;
        const wide = mark.length * 6.3 + 16;
        items.push([sign(wide, ...pill(wide / 2, 0, mark, badge.ground, "#fff")), badge.words]);
      }
      this.legend.replaceChildren(...items.map(([one, words]) => element("li", {}, one, words)));
    }

    // --------------------------------------------------------------------------- choosing

    // Put a node, or the fold that holds it, before the reader.
    choose(node, focus = true) {
      this.chosen = node;
      const number = this.boxOf.get(node);
      this.elements.forEach((one, index) => {
        one.setAttribute("tabindex", index === number ? 0 : -1);
        one.classList.toggle("pv-chosen", index === number);
      });
      this.light(number);
      this.describe(number);
      if (focus) {
        this.bring(number);
        this.elements[number].focus({ preventScroll: true });
      }
    }

    // The lines of the chosen box, and those on the way between it and the start.
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

    describe(number) {
      const box = this.boxes[number];
      const fold = box.fold >= 0 ? this.data.folds[box.fold] : null;
      const panel = [];
      const heading = fold ? `${box.members.length} ${fold.noun}` : this.data.nodes[box.members[0]].label;
      panel.push(element("h2", {}, heading));
      if (fold) this.describeFold(panel, box, fold);
      else this.describeNode(panel, box.members[0]);
      if (box.away.size) {
        const words = `Show ${counted(Math.min(box.away.size, this.look.piece), "neighbour")}`;
        const of = box.away.size > this.look.piece ? ` of ${box.away.size}` : "";
        panel.push(button(words + of, () => this.expand(number), { class: "pv-main" }));
      }
      const beyond = box.members.reduce((sum, one) => sum + this.data.nodes[one].more, 0);
      if (beyond) {
        const words = `${counted(beyond, "neighbour")} lie farther away than was asked for.`;
        panel.push(element("p", { class: "pv-quiet" }, words));
      }
      this.neighbours(panel, number);
      this.panel.replaceChildren(...panel);
      this.panel.scrollTop = 0;
    }

    describeFold(panel, box, fold) {
      if (fold.caption) panel.push(element("p", { class: "pv-quiet" }, fold.caption));
      const piece = Math.min(box.members.length, this.look.piece);
      const words = piece < box.members.length ? `Open ${piece} of them` : "Open";
      panel.push(button(words, () => this.open(this.chosen), { class: "pv-main" }));
      const names = box.members.slice(0, this.look.piece).map((one) => {
        const { label } = this.data.nodes[one];
        return element("li", {}, button(label, () => this.reveal(one), { class: "pv-link" }));
      });
      if (box.members.length > names.length) {
        names.push(element("li", { class: "pv-quiet" }, `and ${box.members.length - names.length} more`));
      }
      panel.push(element("ul", {}, ...names));
    }

    describeNode(panel, number) {
      const node = this.data.nodes[number];
      const kind = [node.kind, node.sort].filter(Boolean).join(", ");
      const pages = this.root.closest("[data-pages]")?.dataset.pages; // where a site tells of things
      panel.push(element("p", { class: "pv-iri" }, pages
        ? element("a", { href: pages + encodeURIComponent(node.iri) }, node.iri) : node.iri));
      panel.push(element("p", { class: "pv-quiet" }, [kind, node.time].filter(Boolean).join(" \u00b7 ")));
      for (const mark of node.marks) {
        panel.push(element("p", { class: "pv-mark" }, `${mark}: ${this.look.marks[mark].words}`));
      }
      if (this.home.has(number)) {
        panel.push(button("Fold again", () => this.close(number), {}));
      }
      if (node.facts.length) {
        panel.push(element("h3", {}, "Attributes"));
        panel.push(element("dl", {}, ...node.facts.flatMap(([key, value]) =>
          [element("dt", {}, key), element("dd", {}, value)])));
      }
      panel.push(element("h3", {}, "Said by"));
      const said = node.said.length
        ? node.said.map((one) => element("li", {}, this.data.bundles[one]))
        : [element("li", { class: "pv-quiet" }, "nobody describes it; it is only named")];
      panel.push(element("ul", { class: "pv-said" }, ...said));
    }

    neighbours(panel, number) {
      const words = { later: [], earlier: [] };
      for (const link of this.links) {
        for (const [own, other] of [["later", "earlier"], ["earlier", "later"]]) {
          if (link[own] !== number) continue;
          const box = this.boxes[link[other]];
          const name = box.fold >= 0 ? this.wordsOf(link[other])[0][0] : this.data.nodes[box.members[0]].label;
          const roles = [...new Set(link.lines.map((one) => this.data.lines[one][3]))].filter(Boolean);
          const said = [...new Set(link.lines.flatMap((one) => this.data.lines[one][4]))];
          const title = said.length ? `said by ${said.slice(0, 5).map((one) => this.data.bundles[one]).join(", ")}` : "";
          words[own].push(element("li", {},
            element("span", { class: "pv-quiet" }, `${link.kind}${roles.length ? ` (${roles.join(", ")})` : ""} `),
            button(name, () => this.choose(box.members[0]), { class: "pv-link", title })));
        }
      }
      for (const [own, heading] of [["later", "It points to"], ["earlier", "Points to it"]]) {
        if (!words[own].length) continue;
        panel.push(element("h3", {}, heading));
        const list = words[own].slice(0, this.look.piece);
        if (list.length < words[own].length) {
          list.push(element("li", { class: "pv-quiet" }, `and ${words[own].length - list.length} more`));
        }
        panel.push(element("ul", {}, ...list));
      }
    }

    // --------------------------------------------------------------------------- opening

    // Draw anew, with this node where it was.
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

    // Show one node by itself, wherever it is.
    reveal(node) {
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
      this.svg.classList.toggle("pv-far", this.scale < 0.4);
    }

    fit() {
      const room = this.svg.getBoundingClientRect();
      if (!room.width || !room.height) return;
      const points = this.boxes.map((_, number) => this.middle(number));
      const most = (at) => points.reduce((high, point) => Math.max(high, point[at]), 0);
      const sides = [this.look.width / 2 + (this.data.down ? 120 : 24), this.look.height / 2 + 40];
      const size = [most(0) + 2 * sides[0], most(1) + 2 * sides[1]];
      const whole = Math.min(room.width / size[0], room.height / size[1], 1);
      this.scale = Math.max(whole, Math.min(1, 0.55));
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

    // Ctrl and wheel zoom as maps do; a wheel alone moves the picture.
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
})();
