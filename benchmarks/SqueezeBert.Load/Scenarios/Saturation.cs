using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Load.Scenarios;

/// <summary>What the server answers when it is asked for more than it can do, against the library's own batches of these texts.</summary>
internal static class Saturation
{
    public const string Name = "saturation";

    private static readonly int[] Together = [1, 8, 32];

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            "Saturation: requests come at 1.25 times the rate of the library, which has all of its texts in one call and both cores for " +
            "itself. Goal: 0.90 of it.");
        output.WriteLine();
        var table = new Table(
            output, "model", "texts a request:", "library texts/s:", "offered texts/s:", "answered texts/s:", "of the library:", "429 %:",
            "p50 ms:", "p99 ms:", "client cores:", "server cores:");
        foreach (var subject in subjects)
        {
            subject.MeasureAlone();
            await using var server = await subject.ServeAsync(cancellationToken);
            foreach (var together in Together)
            {
                var cpu = server.Cpu;
                var result = await subject.SaturateAsync(server, together, cancellationToken);
                var cores = (server.Cpu - cpu) / (subject.Options.WarmUp + subject.Options.Duration);
                table.Row(
                    subject.Name, Cell.Of((long)together), Cell.Of(subject.LibraryTextsASecond),
                    Cell.Of(result.Count * together / subject.Options.Duration.TotalSeconds), Cell.Of(result.TextsASecond),
                    Table.Ratio(result.TextsASecond / subject.LibraryTextsASecond),
                    Cell.Of(100.0 * result.CountOf(429) / result.Count), Cell.Of(result.MillisecondsAt(50)),
                    Cell.Of(result.MillisecondsAt(99)), Table.Ratio(result.ClientCores), Table.Ratio(cores));
            }
        }

        output.WriteLine();
    }
}
