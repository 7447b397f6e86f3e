using System.Diagnostics;

namespace SqueezeBert.Hub;

/// <summary>Detects a transfer that is too slow, by the average speed over consecutive spans of time.</summary>
internal sealed class TransferPace(int minBytesPerSecond, TimeSpan span)
{
    private long _start = Stopwatch.GetTimestamp();
    private long _bytes;

    /// <summary>
    /// Counts bytes. If a span has ended and its speed was too low, it returns the speed in bytes per second. Otherwise it returns null.
    /// </summary>
    public double? Add(int count)
    {
        _bytes += count;
        var elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < span) return null;
        var speed = _bytes / elapsed.TotalSeconds;
        (_start, _bytes) = (Stopwatch.GetTimestamp(), 0);
        return speed < minBytesPerSecond ? speed : null;
    }
}

/// <summary>The server sends too slowly. Another attempt would be as slow.</summary>
internal sealed class SlowTransferException(string message) : IOException(message);
