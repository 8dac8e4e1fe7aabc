/** Runs the application's own code (a logger, a callback), which may fail. Never rejects. */
export async function notify(callback: () => unknown): Promise<void> {
  try {
    await callback();
  } catch {
    // A failure here doesn't fail the call.
  }
}
