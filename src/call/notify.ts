/** Runs code of the application's own (a logger, a callback), which may fail. Never rejects. */
export async function notify(callback: () => unknown): Promise<void> {
  try {
    await callback();
  } catch {
    // The call doesn't fail with it.
  }
}
