// The picture of an explorer: an <img> with alt text, draggable handles over it, and a line of text above.
// Moves go to Python one at a time; while one is under way, newer ones are merged and the newest wins.

const element = (name, className, parent) => {
  const node = parent.appendChild(document.createElement(name));
  node.className = className;
  return node;
};

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function sender(model) {
  let serial = model.get("answered");
  let waiting = null;
  const free = () => model.get("answered") >= serial;
  const post = (move) => model.send({ ...move, serial: ++serial });
  const answered = () => {
    if (!waiting || !free()) return;
    const move = waiting;
    waiting = null;
    post(move);
  };
  model.on("change:answered", answered);
  const send = (move) => {
    if (free()) return post(move);
    const adds = waiting && waiting.by && move.by && waiting.handle === move.handle;
    waiting = adds ? { ...move, by: [waiting.by[0] + move.by[0], waiting.by[1] + move.by[1]] } : move;
  };
  return { send, stop: () => model.off("change:answered", answered) };
}

// ipywidgets gives its slider handles and readouts no accessible name, and speaks 0.30000000000000004: take the text
// of the label beside them, and six digits.
function nameSliders(explorer) {
  for (const row of explorer.querySelectorAll(".widget-slider")) {
    const label = row.querySelector(".widget-label")?.textContent ?? "";
    for (const handle of row.querySelectorAll(".noUi-handle")) {
      const value = String(Number(Number(handle.getAttribute("aria-valuetext")).toPrecision(6)));
      if (handle.getAttribute("aria-label") !== label) handle.setAttribute("aria-label", label);
      if (handle.getAttribute("aria-valuetext") !== value) handle.setAttribute("aria-valuetext", value);
    }
    const readout = row.querySelector(".widget-readout");
    if (readout && !readout.hasAttribute("aria-label")) {
      readout.setAttribute("role", "textbox");
      readout.setAttribute("aria-label", `${label}, typed`);
    }
  }
}

// In JupyterLab plain keys are commands of the notebook, also while a menu or a slider has the focus.
function keepKeys(event) {
  const passes = event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab" || event.key === "Escape" ||
    (event.key === "Enter" && event.shiftKey);
  if (!passes) event.stopPropagation();
}

function attend(el) {
  let watcher = null;
  let explorer = null;
  let tries = 0; // the view is made before it is put into the page
  const timer = setInterval(() => {
    explorer = el.closest(".mathdl-explorer");
    if (!explorer && ++tries < 100) return;
    clearInterval(timer);
    if (!explorer) return;
    nameSliders(explorer);
    watcher = new MutationObserver(() => nameSliders(explorer));
    watcher.observe(explorer, { childList: true, subtree: true, attributeFilter: ["aria-valuetext"] });
    explorer.addEventListener("keydown", keepKeys);
  }, 50);
  return () => {
    clearInterval(timer);
    watcher?.disconnect();
    explorer?.removeEventListener("keydown", keepKeys);
  };
}

function makeHandle(frame, index, model, send) {
  const button = element("button", "mathdl-handle", frame);
  button.type = "button";
  let held = null; // the handle's offset from the pointer while it is dragged
  const spec = () => model.get("handles")[index];
  const put = ([x, y]) => {
    button.style.left = `${100 * clamp(x, 0, 1)}%`;
    button.style.top = `${100 * clamp(y, 0, 1)}%`;
  };
  const place = (event) => {
    const box = frame.getBoundingClientRect();
    const [x0, y0, x1, y1] = spec().within;
    return [clamp((event.clientX - held[0] - box.left) / box.width, x0, x1),
            clamp((event.clientY - held[1] - box.top) / box.height, y0, y1)];
  };
  button.addEventListener("pointerdown", (event) => {
    const box = button.getBoundingClientRect();
    held = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    button.setPointerCapture(event.pointerId);
    button.focus();
    event.preventDefault();
  });
  button.addEventListener("pointermove", (event) => {
    if (!held) return;
    const at = place(event);
    put(at);
    send({ handle: index, at });
  });
  const release = () => { held = null; };
  button.addEventListener("pointerup", release);
  button.addEventListener("pointercancel", release);
  button.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 5 : 1;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (!by) return;
    event.preventDefault(); // the page would scroll
    send({ handle: index, by });
  });
  const update = () => {
    button.setAttribute("aria-label", spec().label);
    button.title = spec().label;
    if (!held) put(spec().at);
  };
  return { button, update };
}

function render({ model, el }) {
  el.classList.add("mathdl-picture");
  const line = element("p", "mathdl-line", el);
  const busy = element("span", "mathdl-busy", line);
  busy.textContent = "drawing …";
  const problem = element("span", "mathdl-problem", line);
  problem.setAttribute("role", "alert");
  const frame = element("div", "mathdl-frame", el);
  const img = element("img", "", frame);
  img.draggable = false;
  const spoken = element("p", "mathdl-spoken", el);
  spoken.setAttribute("aria-live", "polite");

  const { send, stop } = sender(model);
  const unattend = attend(el);
  let handles = [];
  let url = null;
  let speak = null;

  const showPicture = () => {
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    img.src = url;
    if (old) img.decode().catch(() => {}).finally(() => URL.revokeObjectURL(old));
  };
  const showText = () => {
    img.alt = model.get("alt");
    clearTimeout(speak);
    speak = setTimeout(() => { spoken.textContent = img.alt; }, spoken.textContent ? 700 : 0);
  };
  const showSize = () => {
    img.width = model.get("width");
    img.height = model.get("height");
    frame.style.width = `${model.get("width")}px`;
  };
  const showHandles = () => {
    const count = model.get("handles").length;
    while (handles.length > count) handles.pop().button.remove();
    while (handles.length < count) handles.push(makeHandle(frame, handles.length, model, send));
    handles.forEach((handle) => handle.update());
  };
  const showLine = () => {
    problem.textContent = model.get("problem");
    line.classList.toggle("mathdl-is-busy", model.get("busy"));
    img.setAttribute("aria-busy", String(model.get("busy")));
  };
  const shown = { png: showPicture, alt: showText, width: showSize, height: showSize, handles: showHandles,
                  problem: showLine, busy: showLine, answered: showHandles };
  for (const [name, show] of Object.entries(shown)) model.on(`change:${name}`, show);
  [showSize, showPicture, showText, showHandles, showLine].forEach((show) => show());

  if (window.devicePixelRatio !== model.get("ratio")) {
    model.set("ratio", window.devicePixelRatio);
    model.save_changes();
  }
  return () => {
    stop();
    unattend();
    clearTimeout(speak);
    if (url) URL.revokeObjectURL(url);
    for (const [name, show] of Object.entries(shown)) model.off(`change:${name}`, show);
  };
}

export default { render };
