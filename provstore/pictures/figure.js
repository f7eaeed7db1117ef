/* Computes and draws the boxes and links of a picture.

   In: the data, and which nodes are present or out of their folds. `boxesOf` and `linksOf` follow
   folding.py, the routes of the lines follow placement.py. It knows no controls. */

class Figure {
  constructor(data) {
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
    return [...days].flatMap(([layer, found]) => {
      found.sort();
      const both = [...new Set([found[0], found[found.length - 1]])];
      const lines = this.data.down ? both : [both.join(" \u2013 ")];
      return lines.map((words, row) => ({
        along: layer * this.pitch, row, text: drawn("text", { class: "pv-date" }, words),
      }));
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
      return `${[members.length, noun, caption].filter(Boolean).join(" ")}, folded${hidden}`;
    }
    const node = this.data.nodes[members[0]];
    const start = members[0] === 0 ? ", starting point" : "";
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
}
