/* Makes HTML and SVG elements; every text is set as text, never as markup. It knows no picture. */

const SVG = "http://www.w3.org/2000/svg";

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
