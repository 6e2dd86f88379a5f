/** Lets a loop sleep until there is something to do; a call that comes before it sleeps is not lost. */
export class Alarm {
  private woken = false;
  private wakeUp: () => void = () => undefined;

  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  /** @param ms real ms after which it wakes by itself; null: never */
  async sleep(ms: number | null): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.woken)
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
        if (ms !== null) timer = setTimeout(resolve, ms);
      });
    clearTimeout(timer);
    this.woken = false;
  }
}
