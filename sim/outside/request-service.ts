/**
 * The request/response services that a job asks, each run by what the job says it answers.
 *
 * RV1  A call is answered once or twice, each time after a draw of its own: with the response, with a
 *      failure, or with "timeout". Twice is what a network may do to a request: it travels twice. Only a
 *      fault keeps it from being answered at all.
 * RV2  Equal requests have equal responses.
 *
 * When answers come, and which never do, stands in ../requests.ts. A service that several operators ask
 * is one service, so they have to mean the same requests and responses.
 */
import { assert, ByteReader, ByteWriter, err, hashBytes, ok } from "../../src/index.ts";
import type {
  LogicalGraph,
  Random,
  RequestServices,
  Result,
  ServiceDone,
  ServiceError,
  ServiceSpec,
} from "../../src/index.ts";
import { Requests } from "../requests.ts";
import type { Troubles } from "../request-troubles.ts";
import type { ServiceOptions } from "../requests.ts";

export type RequestServiceOptions = ServiceOptions &
  Readonly<{
    job: LogicalGraph;
    /** Calls that the service refuses. */
    failPerMille: number;
    /** Calls that travel twice. */
    doublePerMille: number;
  }>;

export class SimulatedRequestServices {
  readonly #options: RequestServiceOptions;
  readonly #requests: Requests;
  readonly #services: ReadonlyMap<string, ServiceSpec>;
  /** By process. */
  readonly #fates: readonly Random[];
  #failPerMille: number;
  #doublePerMille: number;
  /** Of a fault window. */
  #doubledPerMille = 0;

  constructor(options: RequestServiceOptions) {
    const { processes, random } = options;
    this.#options = options;
    this.#requests = new Requests("services", options);
    this.#services = servicesOf(options.job);
    this.#fates = Array.from({ length: processes.count }, (_, process) =>
      random.fork(`${processes.idOf(process)}/answers`),
    );
    this.#failPerMille = options.failPerMille;
    this.#doublePerMille = options.doublePerMille;
  }

  /** The services as one process sees them; the same client serves all its incarnations. */
  client(process: number): RequestServices {
    return {
      call: (service, request, done) => this.#call(process, service, request.slice(), done),
    };
  }

  /** A fault window: this share of the calls times out, unless more would anyway. 0 ends it. */
  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  /** A fault window: every call is refused. */
  setUnavailable(unavailable: boolean): void {
    this.#requests.setUnavailable(unavailable);
  }

  setTroubles(troubles: Partial<Troubles>): void {
    this.#requests.setTroubles(troubles);
  }

  /** A fault window: this share of the calls travels twice, unless more would anyway. 0 ends it. */
  setDoubles(perMille: number): void {
    this.#doubledPerMille = perMille;
  }

  quiet(): void {
    this.#requests.quiet();
    this.#failPerMille = 0;
    this.#doublePerMille = 0;
    this.#doubledPerMille = 0;
  }

  #call(process: number, name: string, request: Uint8Array, done: ServiceDone): void {
    const service = this.#services.get(name);
    assert(service !== undefined, () => `service "${name}" is called, and no operator names it`);
    this.#options.scheduler.mixDigest(hashBytes(request));
    const fate = this.#fates[process]!;
    // One call, one set of draws, whatever becomes of it.
    const fails = fate.chance(this.#failPerMille);
    const copies = fate.chance(Math.max(this.#doublePerMille, this.#doubledPerMille)) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#requests.issue<Uint8Array, ServiceError>({
        process,
        effect: () => (fails ? failed(`service "${name}" has failed`) : answerOf(service, request)),
        timeout: { kind: "timeout" },
        unavailable: { kind: "failed", why: `service "${name}" is unavailable` },
        done,
      });
    }
  }
}

const failed = (why: string): Result<never, ServiceError> => err({ kind: "failed", why });

function answerOf(service: ServiceSpec, request: Uint8Array): Result<Uint8Array, ServiceError> {
  const out = new ByteWriter();
  service.response.write(service.answer(service.request.read(new ByteReader(request))), out);
  return ok(out.toBytes());
}

function servicesOf(job: LogicalGraph): ReadonlyMap<string, ServiceSpec> {
  const services = new Map<string, ServiceSpec>();
  for (const { logic } of job.nodes) {
    if (logic.kind !== "async") continue;
    const { service } = logic.spec;
    const known = services.get(service.name);
    const same =
      known === undefined ||
      (known.request.id === service.request.id && known.response.id === service.response.id);
    assert(same, () => `operators mean different things by service "${service.name}"`);
    services.set(service.name, service);
  }
  return services;
}
