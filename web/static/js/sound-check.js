// The check before the shift, ten seconds long: microphone, loudspeaker, connection, and a call to the exchange that
// sends back what it hears. Each that fails says what to do.

import { live } from "./events.js"
import { Level } from "./level.js"
import { phone } from "./phone.js"
import { grade, Quality } from "./quality.js"
import { tone } from "./ring.js"
import { sound } from "./sound.js"
import { _ } from "./words.js"

const LISTEN = 2.5 // seconds at the microphone
const ECHO = 4 // seconds of echo
const ANSWER = 6000 // milliseconds until the exchange must have answered
const HEARD = 0.08 // of Level: a quiet room is below
const LAST = "sound-check"

export const STEPS = ["microphone", "loudspeaker", "connection", "echo"]

/** {at, failed: [names of steps]} of the last check in this browser, or null. */
export function lastCheck() {
  try {
    return JSON.parse(localStorage.getItem(LAST))
  } catch {
    return null
  }
}

/**
 * Go through the steps. `tell(step, state, words)`: "now", "done" or "bad"; `level(0…1)`: what the microphone hears;
 * `asked()`: a promise, true when the person hears the tone. Ends early when `signal` is aborted.
 */
export async function check({ tell, level, asked, signal }) {
  const failed = []
  for (const step of STEPS) {
    tell(step, "now", "")
    const { bad, words } = await DO[step]({ level, asked, signal })
    if (signal.aborted) return null
    tell(step, bad ? "bad" : "done", words)
    if (bad) failed.push(step)
  }
  const result = { at: new Date().toISOString(), failed }
  localStorage.setItem(LAST, JSON.stringify(result))
  return result
}

const good = (words) => ({ bad: false, words })
const bad = (words) => ({ bad: true, words })

const DO = { microphone, loudspeaker, connection, echo }

async function microphone({ level }) {
  let ear
  try {
    ear = await Level.ofMicrophone(sound.constraints)
  } catch {
    return bad(_("The microphone cannot be used. Plug it in, close other programs that use it, and allow it beside the address."))
  }
  const loudest = await ear.loudest(LISTEN, level)
  ear.close()
  level(0)
  return loudest < HEARD
    ? bad(_("Nothing was heard. Speak while it listens; look for a mute switch at the headset, or choose another microphone above."))
    : good(_("You can be heard well."))
}

async function loudspeaker({ asked }) {
  tone("talk")
  return (await asked()) ? good(_("You hear well.")) : bad(_("Turn the volume up, or choose another loudspeaker above."))
}

async function connection() {
  if (!live.connected) return bad(_("The service cannot be reached. Check the network, then try again."))
  if (!live.me.exchange) return bad(_("The exchange does not answer. Tell whoever looks after it."))
  if (phone.state === "taken") return bad(_("The phone is used in another window. Use it here, then check again."))
  if (phone.state !== "ready") return bad(phone.why || _("The phone is not connected. Reload the page."))
  const begin = performance.now()
  await fetch("/api/v1/me/state", { headers: { Accept: "application/json" } }).catch(() => {})
  return good(_("Connected, answers within {ms} ms.", { ms: Math.round(performance.now() - begin) }))
}

async function echo({ signal }) {
  const session = phone.state === "ready" ? phone.echo() : null
  if (!session) return bad(_("Without a connection there is no echo call."))
  const hangUp = () => session.isEnded() || session.terminate()
  signal.addEventListener("abort", hangUp)
  const refused = await answered(session)
  if (refused) {
    hangUp()
    return bad(refused)
  }
  const found = await listen(session, signal)
  hangUp()
  return found
}

// "" when it was; otherwise why not.
const answered = (session) => new Promise((done) => {
  session.on("confirmed", () => done(""))
  session.on("failed", () => done(_("The exchange did not take the echo call. Try again, or tell whoever looks after it.")))
  setTimeout(() => done(_("The echo call was not answered. A firewall may hold back the sound (UDP); tell whoever looks after the network.")), ANSWER)
})

// What comes over the network is heard only when an element plays it, if without a sound.
function flowing(stream) {
  const player = new Audio()
  Object.assign(player, { muted: true, srcObject: stream })
  player.play().catch(() => {})
  return stream
}

async function listen(session, signal) {
  const quality = new Quality()
  let loudest = 0
  const [{ track } = {}] = session.connection.getReceivers()
  const ear = track && new Level(flowing(new MediaStream([track])))
  for (let second = 0; second <= ECHO && !signal.aborted && !session.isEnded(); second++) {
    await quality.look(session.connection, { muted: false, held: false })
    loudest = Math.max(loudest, (await ear?.loudest(1)) ?? 0)
  }
  ear?.close()
  if (!quality.now) return bad(_("No sound came back. A firewall may hold it back (UDP); tell whoever looks after the network."))
  const { mos } = quality.sum() ?? quality.now
  const words = { words: grade(mos).words(), mos: mos.toFixed(1) }
  if (grade(mos).bars < 3) return bad(_("{words} (MOS {mos}). Use a cable instead of Wi-Fi, and close what loads a lot.", words))
  return loudest < HEARD
    ? bad(_("The connection is fine, but your voice did not come back. Speak while it listens."))
    : good(_("Your voice came back: {words} (MOS {mos}).", words))
}
