import { Request, Route } from '@playwright/test';

/** Delays responses until the test releases them. */
export class Gate {
  private open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
  private markReached!: () => void;
  /** Resolves when a response is held. */
  readonly reached = new Promise<void>((resolve) => (this.markReached = resolve));

  release = () => this.open();

  /** Forwards the request, but delays the response. */
  holdResponse = async (route: Route) => {
    const response = await route.fetch();
    this.markReached();
    await this.opened;
    // The page may be closed.
    await route.fulfill({ response }).catch(() => undefined);
  };

  /** Delays only the responses to matching requests. */
  holdResponsesTo = (matches: (request: Request) => boolean) => async (route: Route) =>
    matches(route.request()) ? this.holdResponse(route) : route.fallback();
}
