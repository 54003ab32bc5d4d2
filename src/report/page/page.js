"use strict";
// Shows the rows of the page: searches, chooses, sorts and turns pages. What comes from the data is only ever set as
// text. The data is described in rows.rs.
(() => {
  const PAGE = 100; // rows on the screen at a time
  const PAPER = 20000; // rows that are printed at the most
  const NUMBER = 0, USER = 1, EMAIL = 2, ACTION = 3, STATUS = 4, FROM = 5, TO = 6, MESSAGE = 7, HINT = 8, NAME = 9;
  const WORDS = [FROM, TO, MESSAGE, HINT];

  const find = (id) => document.getElementById(id);
  const { rows, words } = JSON.parse(find("data").textContent);
  const form = find("choice"), search = find("search"), action = find("action"), body = find("body");
  const boxes = [...find("statuses").querySelectorAll("input")];
  const sorters = [...find("table").querySelectorAll("button[data-sort]")];
  const statuses = new Map(boxes.map((box) => [Number(box.value), box.dataset]));
  const places = new Map([...statuses.keys()].map((status, place) => [status, place]));
  const actions = new Map([...action.options].map((option) => [Number(option.value || NaN), option.dataset.label]));
  const numbers = new Intl.NumberFormat("en");

  let shown = rows.map((_, index) => index); // places in `rows`, in the order of the screen
  let page = 0;
  let sort = { by: "number", down: false };

  // ---- choosing

  const folded = words.map((word) => word.toLowerCase());
  const people = rows.map((row) => (row[USER] + "\n" + row[EMAIL] + "\n" + row[NAME]).toLowerCase());

  // Whether a row has a term in any of its cells.
  function has(term) {
    const inWord = folded.map((word) => word.includes(term));
    const inStatus = new Set(), inAction = new Set();
    for (const [place, { label, name }] of statuses) {
      if (label.toLowerCase().includes(term) || name.toLowerCase().includes(term)) inStatus.add(place);
    }
    for (const [place, label] of actions) if (label && label.toLowerCase().includes(term)) inAction.add(place);
    return (index) => {
      const row = rows[index];
      return people[index].includes(term) || WORDS.some((cell) => inWord[row[cell]]) || inStatus.has(row[STATUS])
        || inAction.has(row[ACTION]) || String(row[NUMBER]) === term;
    };
  }

  function choose() {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => Number(box.value)));
    const only = action.value === "" ? null : Number(action.value);
    const tests = search.value.toLowerCase().split(/\s+/).filter(Boolean).map(has);
    shown = [];
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index];
      if (wanted.size > 0 && !wanted.has(row[STATUS])) continue;
      if (only !== null && row[ACTION] !== only) continue;
      if (tests.every((test) => test(index))) shown.push(index);
    }
    order();
  }

  // ---- sorting

  const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
  // Ids have different lengths, and 9 comes before 10.
  const compareText = (one, other) =>
    /^\d+$/.test(one) && /^\d+$/.test(other) ? one.length - other.length || compare(one, other) : compare(one, other);

  // The place of each text among all in their order, so that rows are compared by number.
  function ranks(texts) {
    const places = texts.map((_, place) => place).sort((one, other) => compareText(texts[one], texts[other]));
    const rank = new Int32Array(texts.length);
    for (let at = 1; at < places.length; at++) {
      rank[places[at]] = rank[places[at - 1]] + (texts[places[at]] === texts[places[at - 1]] ? 0 : 1);
    }
    return rank;
  }

  const once = (make) => { let made; return () => (made ??= make()); };
  const rankOfWord = once(() => ranks(folded));
  const rankOfUser = once(() => ranks(rows.map((row) => (row[NAME] || row[EMAIL] || row[USER]).toLowerCase())));
  const keys = {
    number: once(() => rows.map((row) => row[NUMBER])),
    user: rankOfUser,
    action: once(() => rows.map((row) => row[ACTION])),
    change: once(() => rows.map((row) => rankOfWord()[row[FROM]] * words.length + rankOfWord()[row[TO]])),
    status: once(() => rows.map((row) => places.get(row[STATUS]))),
    message: once(() => rows.map((row) => rankOfWord()[row[MESSAGE]])),
  };

  function order() {
    const key = keys[sort.by](), sign = sort.down ? -1 : 1;
    shown.sort((one, other) => sign * (key[one] - key[other]) || one - other);
    for (const sorter of sorters) {
      const is = sorter.dataset.sort === sort.by;
      sorter.parentNode.setAttribute("aria-sort", !is ? "none" : sort.down ? "descending" : "ascending");
    }
    page = 0;
    show();
  }

  // ---- showing

  function cell(label, ...parts) {
    const made = document.createElement("td");
    made.setAttribute("role", "cell");
    made.dataset.label = label;
    made.append(...parts);
    return made;
  }

  // A text that turns nothing around it, in an element of a class.
  function part(text, className) {
    const made = document.createElement("bdi");
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  // A sentence in which values stand between backticks, as in html.rs.
  function sentence(text, className) {
    const pieces = text.split("`");
    if (pieces.length % 2 === 0) return part(text, className);
    const made = part("", className);
    pieces.forEach((piece, at) => {
      const element = at % 2 ? document.createElement("code") : null;
      if (element) element.append(part(piece));
      made.append(element || piece);
    });
    return made;
  }

  function line(row, position) {
    const made = document.createElement("tr");
    made.setAttribute("role", "row");
    made.setAttribute("aria-rowindex", position + 2); // the header is the first
    made.tabIndex = -1;
    const status = statuses.get(row[STATUS]);
    const [from, to, message, hint] = WORDS.map((place) => words[row[place]]);
    const change = document.createElement("span");
    change.append(...(from ? [part(from)] : []), ...(to ? [from ? " → " : "→ ", part(to)] : []));
    const number = cell("Row", numbers.format(row[NUMBER]));
    number.className = "num";
    made.append(
      number,
      cell("User", ...[row[NAME], row[EMAIL], row[USER]].filter(Boolean).map((text, at) => part(text, at ? "second" : "first"))),
      cell("Action", actions.get(row[ACTION])),
      cell("From → to", change),
      cell("Outcome", part(status.label, "pill " + status.class)),
      cell("Explanation", sentence(message, "first"), ...(hint ? [sentence(hint, "hint")] : [])),
    );
    return made;
  }

  function draw(from, to) {
    const lines = document.createDocumentFragment();
    for (let position = from; position < to; position++) lines.append(line(rows[shown[position]], position));
    body.replaceChildren(lines);
    if (body.firstChild) body.firstChild.tabIndex = 0;
  }

  function show() {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * PAGE, to = Math.min(from + PAGE, shown.length);
    draw(from, to);
    const of = shown.length === rows.length ? "" : ` of ${numbers.format(rows.length)}`;
    find("count").textContent = `${numbers.format(shown.length)}${of} ${rows.length === 1 ? "row" : "rows"}`;
    find("page").textContent = `Page ${numbers.format(page + 1)} of ${numbers.format(pages)}`;
    find("table").setAttribute("aria-rowcount", shown.length + 1);
    find("none").hidden = shown.length > 0;
    find("pages").hidden = pages === 1;
    for (const button of find("pages").querySelectorAll("button")) {
      button.disabled = /first|back/.test(button.dataset.turn) ? page === 0 : page === pages - 1;
    }
  }

  // ---- hands

  const turns = { first: () => 0, back: () => page - 1, on: () => page + 1, last: () => Infinity };

  function turn(where) {
    const before = page;
    page = turns[where]();
    show();
    return page !== before;
  }

  function focus(made) {
    if (!made) return;
    for (const other of body.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    made.tabIndex = 0;
    made.focus();
  }

  const steps = {
    ArrowDown: (made) => made.nextSibling || (turn("on") ? body.firstChild : made),
    ArrowUp: (made) => made.previousSibling || (turn("back") ? body.lastChild : made),
    PageDown: () => (turn("on"), body.firstChild),
    PageUp: () => (turn("back"), body.firstChild),
    Home: () => (turn("first"), body.firstChild),
    End: () => (turn("last"), body.lastChild),
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", choose);
  form.addEventListener("reset", () => setTimeout(() => { choose(); search.focus(); }));
  for (const sorter of sorters) {
    sorter.addEventListener("click", () => {
      const by = sorter.dataset.sort;
      sort = { by, down: by === sort.by && !sort.down };
      order();
    });
  }
  find("pages").addEventListener("click", (event) => {
    const where = event.target.dataset.turn;
    if (where && turn(where)) find("rows").scrollIntoView();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && body.firstChild) {
      event.preventDefault();
      focus(body.firstChild);
    } else if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      choose();
    }
  });
  body.addEventListener("keydown", (event) => {
    const made = event.target.closest("tr"), step = steps[event.key];
    if (!made || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    focus(step(made));
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key !== "/" || isTyping || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
  // Paper has no pages to turn: it shows all rows that were chosen.
  addEventListener("beforeprint", () => {
    const fits = shown.length <= PAPER;
    if (fits) draw(0, shown.length);
    find("paper").textContent = `${find("page").textContent} of the rows. Choose ${numbers.format(PAPER)} rows or fewer to print them all.`;
    find("paper").hidden = fits;
  });
  addEventListener("afterprint", () => { find("paper").hidden = true; show(); });

  form.hidden = find("shown").hidden = false;
  show();
})();
