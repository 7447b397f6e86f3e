using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SqueezeBert.Load.Clients;

/// <summary>
/// Waits for a moment with less than a tenth of a millisecond of delay: the runtime's own timers are late by one or two, as much as a small
/// model takes for an answer.
/// </summary>
internal static partial class Clock
{
    /// <summary>Before the moment by so much it stops sleeping.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMicroseconds(60);

    /// <param name="moment">A timestamp of <see cref="Stopwatch"/>.</param>
    public static void WaitUntil(long moment)
    {
        while (true)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment);
            if (left <= TimeSpan.Zero) return;
            if (left > Slack) Sleep(left - Slack);
            else Thread.SpinWait(10);
        }
    }

    private static void Sleep(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            var seconds = (long)time.TotalSeconds;
            var nanoseconds = (long)(time - TimeSpan.FromSeconds(seconds)).TotalNanoseconds;
            _ = NanoSleep(new TimeSpec { Seconds = seconds, Nanoseconds = nanoseconds }, 0);
        }
        else
        {
            Thread.Sleep(time);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
