// Ringing: a tone without a file, a blinking title, and a notification when the page is hidden.

import { sound } from "./sound.js"
import { _ } from "./words.js"

const ON = 1.0 // seconds
const OFF = 2.0
const TONE = [440, 480]
const LOUDNESS = 0.12

sound.addEventListener("change", () => audio && follow(audio, "ring"))

let audio, timer, blinking, title, note

/** Browsers let a page sound only after somebody has touched it. */
export function prepare() {
  const wake = () => {
    audio ??= new AudioContext()
    follow(audio, "ring")
    audio.resume()
    if (window.Notification?.permission === "default") Notification.requestPermission()
  }
  document.addEventListener("pointerdown", wake, { once: true, capture: true })
  document.addEventListener("keydown", wake, { once: true, capture: true })
}

export function ring(who) {
  if (blinking) return
  play()
  timer = setInterval(play, (ON + OFF) * 1000)
  title = document.title
  let on = false
  blinking = setInterval(() => {
    on = !on
    document.title = on ? `☎ ${who}` : title
  }, 800)
  if (document.hidden && window.Notification?.permission === "granted") notify(who)
}

export function stop() {
  clearInterval(timer)
  clearInterval(blinking)
  if (blinking) document.title = title
  blinking = undefined
  note?.close()
  note = undefined
}

function notify(who) {
  note = new Notification(_("Incoming call"), { body: who, tag: "call", requireInteraction: true })
  note.onclick = () => {
    window.focus()
    note?.close()
  }
}

/** Something waits for too long: two short high tones. */
export function alarm() {
  sing(audio, [880], 0.15)
  sing(audio, [880], 0.15, 0.25)
}

/** Somebody else wants to talk while one talks already. */
export function knock() {
  sing(audio, [440], 0.2)
}

/** A tone to try a device by: "ring" or "talk". */
export async function tone(use) {
  const own = new AudioContext()
  await follow(own, use)
  await own.resume()
  sing(own, use === "ring" ? TONE : [660], 1)
  setTimeout(() => own.close(), 1500)
}

const play = () => sing(audio, TONE, ON)

// Browsers that cannot choose use the standard device, and so does one whose device is gone.
async function follow(context, use) {
  const id = sound.idOf(use)
  if (context.sinkId !== id) await context.setSinkId?.(id).catch(() => {})
}

function sing(context, tones, seconds, later = 0) {
  if (context?.state !== "running") return
  const loudness = context.createGain()
  const begin = context.currentTime + later
  const end = begin + seconds
  loudness.connect(context.destination)
  loudness.gain.setValueAtTime(0, begin)
  loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.04)
  loudness.gain.setValueAtTime(LOUDNESS, end - 0.08)
  loudness.gain.linearRampToValueAtTime(0, end)
  for (const hertz of tones) {
    const voice = context.createOscillator()
    voice.frequency.value = hertz
    voice.connect(loudness)
    voice.start(begin)
    voice.stop(end)
  }
}
