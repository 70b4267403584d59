// The phone's keys. With Alt from anywhere; alone only where nobody is typing.

const ALT = {
  KeyA: { ringing: "answer" },
  KeyD: { ringing: "decline" },
  KeyX: { calling: "hang-up", talking: "hang-up", hold: "hang-up" },
  KeyM: { talking: "mute" },
  KeyH: { talking: "hold", hold: "hold" },
  KeyK: { talking: "keypad" },
  KeyN: { calling: "note", failed: "note", talking: "note", hold: "note", wrap: "note" },
  Digit1: { ready: "ready", break: "ready" },
}
const PLAIN = {
  ringing: { Enter: "answer", Escape: "decline" },
  failed: { Escape: "close" },
}

export function keys(event, dock) {
  if (event.defaultPrevented || event.repeat) return
  const done = event.altKey && !event.ctrlKey && !event.metaKey ? alt(event, dock) : other(event, dock)
  if (done) event.preventDefault()
}

function alt(event, dock) {
  if (event.code === "KeyP") return act(dock, document.getElementById("app").dataset.dock === "mini" ? "unfold" : "fold")
  const digit = dock.view === "wrap" && event.code.match(/^Digit([1-9])$/)?.[1] // also while writing the note
  if (digit) return !dock.choose(Number(digit))
  return act(dock, ALT[event.code]?.[dock.view])
}

function other(event, dock) {
  if (event.key === "Enter" && event.ctrlKey && dock.view === "wrap") {
    dock.finish(event.shiftKey ? "break" : "ready")
    return true
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event, dock)) return false
  if (dock.view === "wrap" && /^[1-9]$/.test(event.key)) return !dock.choose(Number(event.key))
  if (dock.view === "talking" && /^[\d*#]$/.test(event.key) && isOpen(dock)) return !dock.press(event.key)
  return act(dock, PLAIN[dock.view]?.[event.key])
}

function act(dock, wish) {
  if (!wish) return false
  dock.do(wish)
  return true
}

const isOpen = (dock) => dock.querySelector("[data-part=keypad]")?.hidden === false

// Somebody types, or Enter and Escape already mean something where the focus is.
function isBusy({ target, key }, dock) {
  if (!(target instanceof Element)) return false
  if (target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])")) return true
  if (document.querySelector("dialog[open], details[data-menu][open], :popover-open")) return true
  return key === "Enter" && !dock.contains(target) && Boolean(target.closest("a, button, summary"))
}
