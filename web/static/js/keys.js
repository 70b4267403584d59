// The phone's keys: one table, which the keyboard works by and the overlay of "?" shows. With Alt from anywhere;
// alone only where nobody is typing.

import { live } from "./events.js"
import { _ } from "./words.js"

const alt = (code) => ({ alt: true, code })
const plain = (key) => ({ key })
const ctrl = (key, shift = false) => ({ ctrl: true, shift, key })
const some = (keys, shown) => ({ keys, shown })
const shown = (cap) => some(/^(?!)/, [cap])

const CALL = ["talking", "hold", "consult", "conference"]
const ALONE = ["talking", "hold"] // with the customer
const NOTED = ["ringing", "calling", "failed", "reconnecting", "wrap", ...CALL]

const isLead = () => Boolean(document.querySelector("lead-panel"))
const listens = () => Boolean(live.listening)

/** Where it works, in the order of the overlay; a row: {hears, views, wish, words}. No views: everywhere. A group with
 * `when` works only then, and before all others; one with `is` is shown only to those. */
export const GROUPS = [
  {
    words: () => _("Everywhere"),
    rows: [
      { hears: [plain("?")], wish: "help", words: () => _("Show these keys") },
      { hears: [alt("KeyP")], wish: "toggle", words: () => _("Open or fold the phone") },
      { hears: [alt("KeyU")], wish: "sound", words: () => _("Sound: devices, and the check before the shift") },
      { hears: [ctrl("k")], words: () => _("Search customers") }, // the search box itself hears it
    ],
  },
  {
    words: () => _("Phone ready, or on a break"),
    rows: [
      { hears: [alt("Digit1")], views: ["ready", "break"], wish: "ready", words: () => _("Ready for calls") },
      { hears: [alt("KeyL")], views: ["ready", "break"], wish: "redial", words: () => _("Call the last number again") },
    ],
  },
  {
    words: () => _("While it rings"),
    rows: [
      { hears: [alt("KeyA"), plain("Enter")], views: ["ringing"], wish: "answer", words: () => _("Answer") },
      { hears: [alt("KeyD"), plain("Escape")], views: ["ringing"], wish: "decline", words: () => _("Decline") },
    ],
  },
  {
    words: () => _("In a call"),
    rows: [
      { hears: [alt("KeyX")], views: ["calling", ...ALONE, "conference", "transfer"], wish: "hang-up", words: () => _("Hang up") },
      { hears: [alt("KeyM")], views: ["talking", "consult", "conference"], wish: "mute", words: () => _("Mute, and speak again") },
      { hears: [alt("KeyH")], views: ["talking", "hold"], wish: "hold", words: () => _("Hold, and continue") },
      { hears: [alt("KeyK")], views: ["talking"], wish: "keypad", words: () => _("Keypad") },
      { hears: [some(/^[\d*#]$/, ["0–9", "*", "#"])], views: ["talking"], wish: "digit", words: () => _("Send that key, while the keypad is open") },
      { hears: [ctrl("v")], words: () => _("Send pasted digits one by one, while the keypad is open") },
      { hears: [alt("KeyN")], views: NOTED, wish: "note", words: () => _("Write the note") },
      { hears: [alt("KeyR")], views: ALONE, wish: "record", words: () => _("Pause the recording, and go on") },
      { hears: [alt("KeyT")], views: [...ALONE, "transfer"], wish: "transfer", words: () => _("Hand the customer over, or ask somebody") },
    ],
  },
  {
    words: () => _("Asking somebody"),
    rows: [
      { hears: [shown("↑"), shown("↓")], words: () => _("Choose whom, while the list is open") }, // the list hears them
      { hears: [alt("KeyG")], views: ["consult"], wish: "hand-over", words: () => _("Give the customer to whoever was asked") },
      { hears: [alt("KeyJ")], views: ["consult"], wish: "join", words: () => _("All three together") },
      { hears: [alt("KeyB")], views: ["consult"], wish: "back", words: () => _("Back to the customer") },
    ],
  },
  {
    words: () => _("Listening to a call"),
    is: isLead,
    when: listens,
    rows: [
      { hears: [alt("KeyL")], wish: "lead", words: () => _("Listen: nobody hears you") },
      { hears: [alt("KeyW")], wish: "lead", words: () => _("Whisper to the agent") },
      { hears: [alt("KeyJ")], wish: "lead", words: () => _("Join: both hear you") },
      { hears: [alt("KeyO")], wish: "lead", words: () => _("Take the call over") },
      { hears: [alt("KeyX")], wish: "lead", words: () => _("Stop listening") },
    ],
  },
  {
    words: () => _("A second call"),
    rows: [
      { hears: [alt("KeyA")], views: CALL, wish: "answer-second", words: () => _("Answer it; the first one is held") },
      { hears: [alt("KeyD")], views: CALL, wish: "decline-second", words: () => _("Decline it") },
      { hears: [alt("KeyW")], views: CALL, wish: "swap", words: () => _("Swap between the two") },
    ],
  },
  {
    words: () => _("In a recording"), // the player hears them
    rows: [
      { hears: [shown("␣"), shown("K")], words: () => _("Play, and pause") },
      { hears: [shown("←"), shown("→")], words: () => _("5 seconds back or on; 15 with Shift") },
      { hears: [shown("J"), shown("L")], words: () => _("10 seconds back or on") },
      { hears: [shown("<"), shown(">")], words: () => _("Slower, faster") },
      { hears: [shown("S")], words: () => _("Skip silence") },
      { hears: [shown("N")], words: () => _("Write a note at this second") },
      { hears: [shown("C")], words: () => _("Copy the link to this second") },
      { hears: [shown("Alt ↑"), shown("Alt ↓")], words: () => _("Previous or next recording of the list") },
    ],
  },
  {
    words: () => _("After the call"),
    rows: [
      { hears: [some(/^[1-9]$/, ["1–9"]), { alt: true, codes: /^Digit[1-9]$/, shown: ["1–9"] }], views: ["wrap", "failed"], wish: "outcome", words: () => _("Choose an outcome") },
      { hears: [plain("Backspace"), plain("Escape")], views: ["wrap"], wish: "outcome-back", words: () => _("Back to all outcomes") },
      { hears: [alt("KeyT")], views: ["wrap"], wish: "more", words: () => _("More time") },
      { hears: [ctrl("Enter")], views: ["wrap"], wish: "finish-ready", words: () => _("Save and ready") },
      { hears: [ctrl("Enter", true)], views: ["wrap"], wish: "finish-break", words: () => _("Save and break") },
      { hears: [alt("KeyS")], views: ["wrap"], wish: "later", words: () => _("Ready now, finish the call later") },
      { hears: [ctrl("Enter"), plain("Escape")], views: ["failed"], wish: "close", words: () => _("Close a call that did not come about") },
    ],
  },
]

/** A key as people read it: its caps, in the order they are pressed. */
export function caps({ alt: withAlt, ctrl: withCtrl, shift, code, key, shown }) {
  const held = [withCtrl && "Ctrl", withAlt && "Alt", shift && "Shift"].filter(Boolean)
  const last = shown ? [shown.join(" ")] : [CAPS[key] ?? (key ?? code.replace(/^(Key|Digit)/, "")).toUpperCase()]
  return [...held, ...last]
}

const CAPS = { Backspace: "⌫", Enter: "↵", Escape: "Esc" }

export function keys(event, dock) {
  if (event.defaultPrevented || event.repeat) return
  const row = ROWS.find((each) => each.wish && isFor(each, dock.view) && each.hears.some((one) => hears(one, event)))
  if (!row || isInTheWay(event, dock) || (row.wish === "digit" && !isOpen(dock))) return
  event.preventDefault()
  dock.do(row.wish, event)
}

const ROWS = [...GROUPS].sort((a, b) => Boolean(b.when) - Boolean(a.when)).flatMap(({ rows, when }) => rows.map((row) => ({ ...row, when })))

const isFor = ({ views, when }, view) => (!when || when()) && (!views || views.includes(view))

function hears(one, event) {
  const { altKey, ctrlKey, metaKey, shiftKey, key, code } = event
  if (altKey !== Boolean(one.alt) || ctrlKey !== Boolean(one.ctrl) || metaKey) return false
  if (one.code) return one.code === code
  if (one.codes) return one.codes.test(code)
  if (one.keys) return one.keys.test(key)
  return one.key === key && (!one.ctrl || one.shift === shiftKey)
}

const isOpen = (dock) => dock.querySelector("[data-part=keypad]")?.hidden === false

// Somebody types, or the key alone already means something where the focus is.
function isInTheWay({ target, key, altKey, ctrlKey }, dock) {
  if (altKey || ctrlKey || !(target instanceof Element)) return false
  if (target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])")) return true
  if (document.querySelector("dialog[open], details[data-menu][open], :popover-open")) return true
  return key === "Enter" && !dock.contains(target) && Boolean(target.closest("a, button, summary"))
}
