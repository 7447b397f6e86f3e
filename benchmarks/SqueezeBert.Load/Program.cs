// Asks a server at a rate of its own and tells how long the answers took.
// dotnet run -c Release --project benchmarks/SqueezeBert.Load -- http://127.0.0.1:8080/predict --rate 200 --words 16 --words 200
using System.CommandLine;
using System.Globalization;
using SqueezeBert.Load;

var address = new Argument<string>("ADDRESS") { Description = "The route." };
var rate = new Option<double>("--rate") { Description = "Requests a second.", Required = true };
var seconds = new Option<double>("--seconds") { Description = "How long it is measured.", DefaultValueFactory = _ => 30 };
var warmUp = new Option<double>("--warm-up") { Description = "Seconds before.", DefaultValueFactory = _ => 5 };
var words = new Option<int[]>("--words") { Description = "Words of a text; several take turns.", DefaultValueFactory = _ => [16] };
var body = new Option<string>("--body") { Description = "JSON, {} for the text.", DefaultValueFactory = _ => """{"inputs": "{}"}""" };
var key = new Option<string?>("--key") { Description = "An API key." };
var root = new RootCommand("An open-loop load generator for the server.") { address, rate, seconds, warmUp, words, body, key };
root.SetAction(async (arguments, cancellationToken) =>
{
    var options = new LoadOptions(
        new Uri(arguments.GetValue(address)!), arguments.GetValue(rate), TimeSpan.FromSeconds(arguments.GetValue(seconds)),
        TimeSpan.FromSeconds(arguments.GetValue(warmUp)), arguments.GetValue(words)!, arguments.GetValue(body)!, arguments.GetValue(key));
    var loop = new OpenLoop(options);
    await loop.RunAsync(cancellationToken);
    Console.WriteLine("| words | status | requests | a second | p50 ms | p95 ms | p99 ms | p99.9 ms | most ms |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    foreach (var ((size, status), latencies) in loop.Latencies.OrderBy(item => item.Key))
    {
        var perSecond = (latencies.TotalCount / options.Duration.TotalSeconds).ToString("F1", CultureInfo.InvariantCulture);
        Console.WriteLine(
            $"| {size} | {status} | {latencies.TotalCount} | {perSecond} | {At(50)} | {At(95)} | {At(99)} | {At(99.9)} | {At(100)} |");

        string At(double percentile) =>
            (latencies.GetValueAtPercentile(percentile) / 1000.0).ToString("F2", CultureInfo.InvariantCulture);
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"most at a time: {loop.MostPending}"));
});
return await root.Parse(args).InvokeAsync();
