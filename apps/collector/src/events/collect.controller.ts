import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { EventBodyGuard } from './event-body.guard.js';
import { EventCollector, type Collected } from './event-collector.js';
import { WriteKeyGuard } from './write-key.guard.js';

/** The tracking API of Segment, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ */
@Controller('v1')
@UseGuards(EventBodyGuard, WriteKeyGuard)
export class CollectController {
  constructor(private readonly collector: EventCollector) {}

  @Post('track')
  @HttpCode(200)
  track(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('track', body);
  }

  @Post('identify')
  @HttpCode(200)
  identify(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('identify', body);
  }

  @Post('page')
  @HttpCode(200)
  page(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('page', body);
  }

  @Post('screen')
  @HttpCode(200)
  screen(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('screen', body);
  }

  @Post('alias')
  @HttpCode(200)
  alias(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('alias', body);
  }

  @Post('group')
  @HttpCode(200)
  group(@Body() body: unknown): Promise<Collected> {
    return this.collector.single('group', body);
  }

  @Post('batch')
  @HttpCode(200)
  batch(@Body() body: unknown): Promise<Collected> {
    return this.collector.batch(body, false);
  }

  /** History: it fills profiles and counters and starts nothing. */
  @Post('import')
  @HttpCode(200)
  import(@Body() body: unknown): Promise<Collected> {
    return this.collector.batch(body, true);
  }
}
