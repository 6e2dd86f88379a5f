import { Controller, Get, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { Metrics } from './metrics.js';

/** Of a process as of each of its parts, from the worst to the best: what is behind does its work, the others do not. */
const STATES = ['not ready', 'starting', 'catching up', 'ready'] as const;
export type ReadinessState = (typeof STATES)[number];

/** What `/health/ready` says of one part of the process. */
export interface Readiness {
  readonly name: string;
  readonly state: ReadinessState;
  /** null: ready; otherwise what it waits for or suffers from, as a sentence. */
  readonly trouble: string | null;
  /** How far it is; absent where that cannot be counted. */
  readonly progress?: { readonly [figure: string]: number };
}

export type ReadinessCheck = () => Readiness | Promise<Readiness>;

interface HttpResponse {
  status(code: number): HttpResponse;
  type(mime: string): HttpResponse;
  send(body: unknown): void;
}

const METRICS = Symbol('metrics');
const CHECKS = Symbol('readiness checks');

@Controller()
class OpsController {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(CHECKS) private readonly checks: readonly ReadinessCheck[],
  ) {}

  @Get('health/live')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  async ready(@Res() response: HttpResponse): Promise<void> {
    const parts = await Promise.all(this.checks.map(async (check) => check()));
    const status = STATES.find((state) => parts.some((part) => part.state === state)) ?? 'ready';
    // Whoever is taken out of service for a backlog does not work it off.
    const works = status === 'ready' || status === 'catching up';
    response.status(works ? 200 : 503).send({ status, parts });
  }

  @Get('metrics')
  async series(@Res() response: HttpResponse): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}

/** `/health/live`, `/health/ready` and `/metrics` of a process (interfaces.md). */
@Module({})
export class OpsModule {
  static with(metrics: Metrics, checks: readonly ReadinessCheck[]): DynamicModule {
    return {
      module: OpsModule,
      controllers: [OpsController],
      providers: [
        { provide: METRICS, useValue: metrics },
        { provide: CHECKS, useValue: checks },
      ],
    };
  }
}
