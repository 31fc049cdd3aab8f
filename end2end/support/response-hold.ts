import { Request, Route } from '@playwright/test';

/** Holds responses until the test releases them. */
export class ResponseHold {
  private markReleased!: () => void;
  /** Resolves when the test has released the responses. */
  readonly released = new Promise<void>((resolve) => (this.markReleased = resolve));
  private markReached!: () => void;
  /** Resolves when the first response is held. */
  readonly reached = new Promise<void>((resolve) => (this.markReached = resolve));

  release = () => this.markReleased();

  /** Forwards a request, and holds its response. */
  apply = async (route: Route) => {
    const response = await route.fetch();
    this.markReached();
    await this.released;
    // The page may be closed.
    await route.fulfill({ response }).catch(() => undefined);
  };

  /** Holds only the responses to matching requests. */
  applyTo = (matches: (request: Request) => boolean) => async (route: Route) =>
    matches(route.request()) ? this.apply(route) : route.fallback();
}

/** Forwards a request, and aborts it instead of delivering the response. */
export async function loseResponse(route: Route) {
  await route.fetch();
  await route.abort();
}
