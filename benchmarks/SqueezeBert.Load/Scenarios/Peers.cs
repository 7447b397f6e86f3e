using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>
/// The server beside ONNX Runtime behind a minimal endpoint (samples/OnnxServe), on the same model and in turns: what each can do, and
/// latency at the same rate.
/// </summary>
internal static class Peers
{
    public const string Name = "peers";

    private const int Clients = 32;

    public static async Task RunAsync(IReadOnlyList<Subject> subjects, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(
            $"Beside ONNX Runtime behind a minimal endpoint (samples/OnnxServe: this library's tokenizer, padding to the longest text of " +
            $"a request, no queue that batches), in turns. Most: {Clients} clients with one request after the other. Latency: requests " +
            "of one text at half of what the slowest of them can do.");
        output.WriteLine();
        var table = new Table(
            output, "model", "server", "round:", "most, texts/s:", "most, 32 a request:", "requests/s:", "p50 ms:", "p99 ms:", "most ms:",
            "working set MB:");
        foreach (var subject in subjects) await CompareAsync(subject, table, cancellationToken);
        output.WriteLine();
    }

    private static async Task CompareAsync(Subject subject, Table table, CancellationToken cancellationToken)
    {
        var cores = Environment.ProcessorCount;
        var servers = new List<(string Name, ServerProcess Server)> { ("squeezebert serve", await subject.ServeAsync(cancellationToken)) };
        try
        {
            foreach (var threads in cores > 1 ? [1, cores] : (int[])[1])
            {
                servers.Add((
                    $"ONNX Runtime, {cores / threads} x {threads} thread(s)", await OnnxAsync(subject, threads, cancellationToken)));
            }

            double? rate = null;
            for (var round = 1; round <= subject.Options.Rounds; round++)
            {
                var most = new List<(double One, double Many)>();
                foreach (var (_, server) in servers)
                {
                    most.Add((
                        await MostAsync(subject, server, 1, cancellationToken), await MostAsync(subject, server, 32, cancellationToken)));
                }

                rate ??= most.Min(item => item.One) / 2;
                for (var i = 0; i < servers.Count; i++)
                {
                    var (name, server) = servers[i];
                    var result = await subject.AskAsync(
                        server, [new RequestKind("", 1, subject.Requests(server, subject.Texts, 1))], rate.Value, subject.Options.Duration,
                        cancellationToken);
                    table.Row(
                        subject.Name, name, Cell.Of((long)round), Cell.Of(most[i].One), Cell.Of(most[i].Many),
                        Cell.Of(result.AnsweredASecond), Cell.Of(result.MillisecondsAt(50)), Cell.Of(result.MillisecondsAt(99)),
                        Cell.Of(result.MillisecondsAt(100)), Table.Megabytes(server.WorkingSet));
                }
            }
        }
        finally
        {
            foreach (var (_, server) in servers) await server.DisposeAsync();
        }
    }

    private static Task<ServerProcess> OnnxAsync(Subject subject, int threads, CancellationToken cancellationToken) =>
        ServerProcess.StartAsync(
            subject.Options.OnnxServer,
            ["--urls", "http://127.0.0.1:0", "--model", subject.Path, "--threads", threads.ToString(CultureInfo.InvariantCulture)],
            cancellationToken);

    private static async Task<double> MostAsync(
        Subject subject, ServerProcess server, int together, CancellationToken cancellationToken) => (await ClosedLoop.RunAsync(
            server.EndPoint, subject.Requests(server, subject.Texts, together), Clients, subject.Options.WarmUp, subject.Options.Duration,
            cancellationToken)).TextsASecond;
}
