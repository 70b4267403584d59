// How well both sides of a call hear each other: loss, jitter and delay from the browser's own figures, as MOS.
//
// MOS is the E-model's (ITU-T G.107) in the simplified form that most phones use. The delay that people feel is half
// the way there and back, plus twice the jitter (what the buffer holds back), plus 10 ms for the codec:
//   d = rtt / 2 + 2 · jitter + 10                                  in milliseconds
//   R = 93.2 − (d < 160 ? d / 40 : (d − 120) / 10) − 2.5 · loss    loss in percent
//   MOS = 1 + 0.035 · R + 0.000007 · R · (R − 60) · (100 − R)      from 1 to 4.4

import { _ } from "./words.js"

const GRADES = [
  { bars: 4, mos: 4.0, words: () => _("Good"), kind: "" },
  { bars: 3, mos: 3.6, words: () => _("Fair"), kind: "" },
  { bars: 2, mos: 3.1, words: () => _("Poor"), kind: "k-warn" },
  { bars: 1, mos: 0, words: () => _("Bad"), kind: "k-bad" },
]
const SPOKEN = 1e-6 // energy of a second in which somebody spoke: louder than −60 dB
const SETTLES = 1 // second in which a microphone that was just opened makes a noise of its own
const GREETS = 10 // seconds: whoever answers says something soon
const LISTENS = 45 // seconds: later one may listen for a while
const STOPPED = 5 // seconds without a packet
const DEAD = 0.9 // of our packets are lost on the way: nobody understands a word

/** 1 (nothing is understood) to 4.4, of a share that is lost (0 to 1) and milliseconds. */
export function mos({ loss, jitter, rtt }) {
  const delay = rtt / 2 + 2 * jitter + 10
  const r = Math.max(0, 93.2 - (delay < 160 ? delay / 40 : (delay - 120) / 10) - 250 * loss)
  return 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r)
}

export const grade = (value) => GRADES.find((each) => value >= each.mos)

/** One side of one call, looked at about once a second. */
export class Quality {
  now = null // {mos, loss, jitter, rtt} of the last few seconds
  trouble = "" // why one does not hear the other: gone, silent, unsent, unheard; nothing: nothing comes
  #before = null
  #spoken = false
  #quiet = {} // what -> seconds since when
  #sums = { looks: 0, mos: 0, jitter: 0, rtt: 0, lost: 0, received: 0, lossOut: 0, worst: 5, seconds: 0, deaf: 0 }

  /** `muted` and `held` by us: then nobody wonders why nothing is heard. */
  async look(connection, { muted, held }) {
    const seen = { at: Date.now() / 1000, ...figures(await connection.getStats()) }
    const before = this.#before
    this.#before = seen
    if (!before) return
    this.trouble = held ? "" : this.#wrong(seen, before, connection, muted)
    this.#add(seen, before, held)
  }

  /** What is kept of it: null when there was too little to say anything. */
  sum() {
    const { looks, mos: total, jitter, rtt, lost, received, lossOut, worst, seconds, deaf } = this.#sums
    if (!looks) return null
    const round = (value, digits) => Number(value.toFixed(digits))
    return {
      seconds: round(seconds, 1), loss: round(lost / Math.max(1, lost + received), 4), loss_out: round(lossOut, 4),
      jitter_ms: round(jitter / looks, 1), rtt_ms: round(rtt / looks, 1),
      mos: round(total / looks, 2), mos_low: round(worst, 2), deaf_s: round(deaf, 1),
    }
  }

  #add(seen, before, held) {
    const received = seen.received - before.received
    const lost = Math.max(0, seen.lost - before.lost)
    const seconds = seen.at - before.at
    if (this.trouble && this.trouble !== "nothing") this.#sums.deaf += seconds
    if (received <= 0 || held) return
    const loss = lost / (received + lost)
    const { jitter, rtt } = seen
    const value = mos({ loss, jitter, rtt })
    this.now = { loss, jitter, rtt, mos: value }
    const sums = this.#sums
    sums.looks += 1
    sums.mos += value
    sums.jitter += jitter
    sums.rtt += rtt
    sums.lost += lost
    sums.received += received
    sums.lossOut = seen.lostThere / Math.max(1, seen.sent)
    sums.worst = Math.min(sums.worst, value)
    sums.seconds += seconds
  }

  #wrong(seen, before, connection, muted) {
    const track = connection.getSenders().find((each) => each.track?.kind === "audio")?.track
    if (!track || track.readyState === "ended" || (track.muted && !muted)) return "gone"
    if (this.#isSilent(seen, before, muted)) return "silent"
    if (this.#lasts("unsent", seen.sent === before.sent, seen.at) >= STOPPED) return "unsent"
    if (seen.lossThere >= DEAD) return "unheard"
    return this.#lasts("nothing", seen.received === before.received, seen.at) >= STOPPED ? "nothing" : ""
  }

  // Even a dead microphone makes a little noise, by the browser's own filters.
  #isSilent(seen, before, muted) {
    const settled = !(before.sampled < SETTLES) // a browser that does not say how long has
    const spoke = settled && seen.energy - before.energy > SPOKEN * (seen.at - before.at)
    this.#spoken ||= spoke && !muted
    const quiet = this.#lasts("silent", !muted && !spoke, seen.at)
    return quiet >= (this.#spoken ? LISTENS : GREETS)
  }

  #lasts(what, is, now) {
    if (!is) delete this.#quiet[what]
    else this.#quiet[what] ??= now
    return is ? now - this.#quiet[what] : 0
  }
}

/** What is wrong, in words that say what to do. */
export function troubleWords(trouble) {
  return {
    gone: _("The customer cannot hear you: your microphone is gone, or the computer has muted it. Choose another one, or plug it in again."),
    silent: _("The customer cannot hear you: nothing comes from your microphone. Look for a mute switch at the headset."),
    unsent: _("The customer cannot hear you: this computer sends no sound. Check the network, or reload the page."),
    unheard: _("The customer cannot hear you: what you say is lost on the way. Check the network."),
    nothing: _("You cannot hear the customer: no sound arrives."),
  }[trouble]
}

// Counters since the beginning; milliseconds. There and back by what the exchange reports of us (RTCP).
function figures(stats) {
  const found = { received: 0, lost: 0, jitter: 0, rtt: 0, sent: 0, energy: undefined, sampled: undefined, lostThere: 0, lossThere: 0 }
  for (const each of stats.values()) {
    if (each.type === "inbound-rtp" && each.kind === "audio") {
      Object.assign(found, { received: each.packetsReceived, lost: each.packetsLost, jitter: each.jitter * 1000 })
    } else if (each.type === "outbound-rtp" && each.kind === "audio") {
      found.sent = each.packetsSent
    } else if (each.type === "media-source" && each.kind === "audio") {
      Object.assign(found, { energy: each.totalAudioEnergy, sampled: each.totalSamplesDuration })
    } else if (each.type === "remote-inbound-rtp" && each.kind === "audio") {
      Object.assign(found, { lostThere: Math.max(0, each.packetsLost ?? 0), lossThere: each.fractionLost ?? 0 })
      found.rtt = (each.roundTripTime ?? 0) * 1000
    }
  }
  return found
}
