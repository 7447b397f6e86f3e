namespace SqueezeBert.Serving;

/// <summary>
/// How much of what waits one batch takes. All texts of a batch are answered when its last one is computed, so a batch that is larger than
/// it need be makes its first texts late, and those that come meanwhile as well.
/// </summary>
internal static class BatchShare
{
    /// <summary>
    /// Tokens with which a thread is about as fast as with any number of them: a batch of fewer would read the weights too often.
    /// </summary>
    private const int EnoughTokens = 64;

    /// <summary>
    /// Batches that each turn leaves in a queue. In a simulation of random arrivals it makes no difference to the latency whether there are
    /// four or more; a long queue still makes large batches.
    /// </summary>
    private const int BatchesOfTurn = 4;

    /// <summary>Tokens of a batch, estimated.</summary>
    /// <param name="waiting">Tokens of all that waits.</param>
    /// <param name="places">Batches that are computed at a time.</param>
    public static int Of(long waiting, int places) =>
        (int)Math.Clamp(waiting / ((long)BatchesOfTurn * places), EnoughTokens, int.MaxValue);
}
