import { All, Controller, Req, Res } from '@nestjs/common';
import { CALL_TYPES } from '#core';
import type { HttpRequest, HttpResponse } from './http.js';
import { RequestRefusedError } from './request-refused-error.js';

/** The paths of the other controllers under the methods that they do not know. Registered after them. */
@Controller()
export class OtherMethodsController {
  @All([...CALL_TYPES, 'batch', 'import'].map((path) => `v1/${path}`))
  events(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    answer(request, response, 'POST, OPTIONS');
  }

  @All(['u/:token', 'u/p/:token'])
  links(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    answer(request, response, 'GET, HEAD, POST, OPTIONS');
  }

  @All(['c/:token', 'o/:token'])
  tracking(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    answer(request, response, 'GET, HEAD, OPTIONS');
  }
}

function answer(request: HttpRequest, response: HttpResponse, allowed: string): void {
  if (request.method !== 'OPTIONS')
    throw new RequestRefusedError(405, `only ${allowed} are possible here`, { headers: { Allow: allowed } });
  response.setHeader('Allow', allowed);
  response.status(204).end();
}
