using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Scenarios;

namespace SqueezeBert.Load;

/// <summary>`ask`: asks a server that runs already.</summary>
internal static class AskCommand
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The route." };
    private static readonly Option<double> Rate = new("--rate") { Description = "Requests a second.", Required = true };
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long it is measured.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<double> WarmUp = new("--warm-up") { Description = "Seconds before.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int[]> Words = new("--words")
    {
        Description = "Words of a text; several take turns.",
        DefaultValueFactory = _ => [16],
    };

    private static readonly Option<string> Body = new("--body")
    {
        Description = "JSON, {} for the text.",
        DefaultValueFactory = _ => """{"inputs": "{}"}""",
    };

    private static readonly Option<string?> Key = new("--key") { Description = "An API key." };

    public static Command Create()
    {
        var command = new Command("ask", "Asks a server at a rate and tells how long the answers took.")
        {
            Address, Rate, Seconds, WarmUp, Words, Body, Key,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var address = new Uri(arguments.GetValue(Address)!);
        var host = await Dns.GetHostAddressesAsync(address.Host, cancellationToken);
        var kinds = arguments.GetValue(Words)!.Select(words =>
        {
            var text = JsonEncodedText.Encode(string.Join(' ', Enumerable.Repeat("film", words))).ToString();
            var body = arguments.GetValue(Body)!.Replace("{}", text, StringComparison.Ordinal);
            return new RequestKind(
                words.ToString(CultureInfo.InvariantCulture), 1, [HttpRequest.Post(address, body, key: arguments.GetValue(Key))]);
        }).ToList();
        var duration = TimeSpan.FromSeconds(arguments.GetValue(Seconds));
        using var loop = new OpenLoop(new LoadPlan(
            new IPEndPoint(host[0], address.Port), arguments.GetValue(Rate), TimeSpan.FromSeconds(arguments.GetValue(WarmUp)), duration,
            kinds));
        var result = await loop.RunAsync(cancellationToken);
        var table = new Table(
            Console.Out, "words", "status:", "requests:", "a second:", "p50 ms:", "p95 ms:", "p99 ms:", "p99.9 ms:", "most ms:");
        foreach (var ((kind, status), latencies) in result.Latencies.OrderBy(item => item.Key))
        {
            table.Row(
                kind, Cell.Of((long)status), Cell.Of(latencies.TotalCount), Cell.Of(latencies.TotalCount / duration.TotalSeconds),
                At(50), At(95), At(99), At(99.9), At(100));

            string At(double percentile) => Cell.Of(result.MillisecondsAt(percentile, status, kind));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"most at a time: {result.MostPending}; sent late, p99: {result.LatenessAt(99):0.00} ms; " +
            $"client: {result.ClientCores:0.00} cores"));
    }
}
