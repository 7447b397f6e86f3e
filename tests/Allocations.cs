namespace SqueezeBert.Tests;

/// <summary>What warm code allocates on the thread that calls it.</summary>
internal static class Allocations
{
    private const int Attempts = 5;

    /// <summary>
    /// Managed bytes that a span of calls takes, the least of five: what a call allocates shows in every attempt. One attempt is not
    /// enough, since in some runs of a busy machine a single one of them counted a few kilobytes that no other did.
    /// </summary>
    public static long Least(Action calls)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            calls();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
