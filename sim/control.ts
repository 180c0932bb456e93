/**
 * Control messages between processes: late, lost, doubled, and so out of order.
 *
 * CN1  What arrives is, byte for byte, what was sent at the time of sending.
 * CN2  Nothing arrives over a link that is cut when it is sent or when it would arrive.
 * CN3  A paused process hears nothing, and over a clogged link nothing comes; what came meanwhile arrives
 *      when that is over.
 * CN4  Without loss, cuts and crashes everything arrives.
 *
 * A message outlives its sender, and reaches whichever incarnation of the receiver is alive by then:
 * fencing is the protocols' business. What a process sends to itself is neither lost nor doubled.
 * Every link draws from streams of its own. Not here: channels.ts (data), links.ts (cuts).
 */
import type { Random } from "../src/index.ts";
import { laneOfMessages } from "./event-lanes.ts";
import { drawLatencyUs } from "./kernel/latency.ts";
import type { HandlerId, Scheduler } from "./kernel/scheduler.ts";
import type { Links } from "./links.ts";
import type { RunOptions } from "./plan.ts";
import { heldUntilUs } from "./processes.ts";
import type { Processes } from "./processes.ts";

/** By process index. The bytes belong to the receiver. */
export type DeliverMessage = (from: number, to: number, message: Uint8Array) => void;

export type ControlOptions = Readonly<{
  scheduler: Scheduler;
  /** The whole network's stream; links fork their own. */
  random: Random;
  processes: Processes;
  links: Links;
  control: RunOptions["control"];
  deliver: DeliverMessage;
}>;

type Streams = Readonly<{ latency: Random; fate: Random }>;

export class ControlNetwork {
  readonly #options: ControlOptions;
  readonly #count: number;
  readonly #handler: HandlerId;
  /** By link: from * count + to. */
  readonly #streams: (Streams | undefined)[];
  readonly #toLose: Int32Array;
  readonly #sent: Int32Array;
  #lossPerMille: number;
  #duplicatePerMille: number;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#count = options.processes.count;
    const links = this.#count * this.#count;
    this.#streams = new Array<Streams | undefined>(links).fill(undefined);
    this.#toLose = new Int32Array(links);
    this.#sent = new Int32Array(links);
    this.#lossPerMille = options.control.lossPerMille;
    this.#duplicatePerMille = options.control.duplicatePerMille;
    this.#handler = options.scheduler.register(
      "control-message",
      (link, number, message) => this.#arrive(link, number, message as Uint8Array),
      laneOfMessages(options.processes),
    );
  }

  send(from: number, to: number, message: Uint8Array): void {
    const link = from * this.#count + to;
    const number = (this.#sent[link]! + 1) | 0;
    this.#sent[link] = number;
    // One message, one set of draws, whatever becomes of it.
    const { latency, fate } = (this.#streams[link] ??= this.#fork(from, to));
    const lost = fate.chance(this.#lossPerMille) && from !== to;
    const doubled = fate.chance(this.#duplicatePerMille) && from !== to;
    const delayUs = drawLatencyUs(latency, this.#options.control.latency);
    const secondDelayUs = drawLatencyUs(latency, this.#options.control.latency);
    if (this.#toLose[link]! > 0) {
      this.#toLose[link]!--;
      return;
    }
    if (lost || this.#options.links.isCut(from, to)) return;
    this.#post(link, number, delayUs, message.slice());
    if (doubled) this.#post(link, number, secondDelayUs, message.slice());
  }

  /** The next `count` messages this way are lost, on top of all others. */
  loseNext(from: number, to: number, count: number): void {
    this.#toLose[from * this.#count + to]! += count;
  }

  /** From now on nothing is lost or doubled by chance or on order; latencies and cuts stay. */
  quiet(): void {
    this.#lossPerMille = 0;
    this.#duplicatePerMille = 0;
    this.#toLose.fill(0);
  }

  #fork(from: number, to: number): Streams {
    const { processes, random } = this.#options;
    const link = random.fork(`${processes.idOf(from)}>${processes.idOf(to)}`);
    return { latency: link.fork("latency"), fate: link.fork("fate") };
  }

  #post(link: number, number: number, delayUs: number, message: Uint8Array): void {
    const { links, scheduler } = this.#options;
    const to = link % this.#count;
    const from = (link - to) / this.#count;
    const { nowUs } = scheduler;
    const wireUs = links.delayUs(from, to, message.length, nowUs);
    scheduler.at(nowUs + delayUs + wireUs, this.#handler, link, number, message);
  }

  #arrive(link: number, number: number, message: Uint8Array): void {
    const { deliver, links, processes, scheduler } = this.#options;
    const to = link % this.#count;
    const from = (link - to) / this.#count;
    if (links.isCut(from, to) || !processes.isAlive(to)) return;
    const { nowUs } = scheduler;
    const heldUs = Math.max(heldUntilUs(processes, to, nowUs), links.heldUntilUs(from, to, nowUs));
    if (heldUs > 0) scheduler.at(heldUs, this.#handler, link, number, message);
    else deliver(from, to, message);
  }
}
