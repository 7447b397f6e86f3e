using System.Diagnostics;

namespace SqueezeBert.Hub;

/// <summary>Finds out that a body comes too slowly, by the average of one span of time after another.</summary>
internal sealed class TransferPace(int minBytesPerSecond, TimeSpan span)
{
    private long _start = Stopwatch.GetTimestamp();
    private long _bytes;

    /// <summary>Counts bytes; returns their speed (bytes a second) where a span has ended and it was too low, else null.</summary>
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

/// <summary>A server that sends, but hardly: another attempt would be as slow.</summary>
internal sealed class SlowTransferException(string message) : IOException(message);
