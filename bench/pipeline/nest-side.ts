import 'reflect-metadata';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, KafkaContext, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import { beSide, measure, type Sample } from '../measure/side.js';
import { FETCH, type ConsumeJob, type Read } from './consume-job.js';

interface Handling {
  readonly topic: string;
  readonly handle: (event: string, partition: number, offset: number) => void;
}

/** As Nest's documentation writes a Kafka consumer. The transport parses the value itself. */
function consumerModule({ topic, handle }: Handling): Type<unknown> {
  @Controller()
  class ShopController {
    @EventPattern(topic)
    handle(@Payload() call: { event?: string }, @Ctx() context: unknown): void {
      const { partition, offset } = placeOf(context as KafkaContext);
      handle(call.event!, partition, offset);
    }
  }
  @Module({ controllers: [ShopController] })
  class ShopModule {}
  return ShopModule;
}

function placeOf(context: KafkaContext): { readonly partition: number; readonly offset: number } {
  return { partition: context.getPartition(), offset: Number(context.getMessage().offset) };
}

async function consume({ brokers, topic, partitions, events }: ConsumeJob): Promise<{ sample: Sample; read: Read }> {
  const kinds: Record<string, number> = {};
  const next = new Array<number>(partitions).fill(0);
  let count = 0;
  let done: ReturnType<typeof measure> | undefined;
  let finish: (sample: Sample) => void;
  const finished = new Promise<Sample>((resolve) => (finish = resolve));
  const handle = (event: string, partition: number, offset: number): void => {
    if (count >= events) return;
    done ??= measure();
    kinds[event] = (kinds[event] ?? 0) + 1;
    next[partition] = offset + 1;
    if (++count === events) finish(done(count));
  };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(consumerModule({ topic, handle }), {
    logger: false,
    transport: Transport.KAFKA,
    options: {
      client: { brokers: brokers.split(','), logLevel: logLevel.NOTHING },
      consumer: { groupId: `nest-${topic}-${process.pid}-${Date.now()}`, ...FETCH },
      subscribe: { fromBeginning: true },
    },
  });
  await app.listen();
  const sample = await finished;
  await app.close();
  return { sample, read: { next, kinds } };
}

await beSide(async ({ warmUp, measured }: { warmUp: ConsumeJob; measured: ConsumeJob }) => {
  await consume(warmUp);
  const { sample, read } = await consume(measured);
  return { sample, result: read };
});
