using System.Net;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Scenarios;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Server.Tests;

/// <summary>The load generator counts what a server answers, and a growth that is one is called so.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task EachRequestIsSentOnceAndItsStatusCounted()
    {
        await using var server = await RunningServer.StartAsync(("labels", "squeezebert-sequence-classification"));
        var address = new Uri(server.Address, "/predict");
        var plan = new LoadPlan(
            new IPEndPoint(IPAddress.Loopback, server.Address.Port), 200, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5),
            [
                new RequestKind("right", 3, [HttpRequest.Post(address, """{"inputs": "the film"}""", texts: 2)]),
                new RequestKind("wrong", 1, [HttpRequest.Post(address, """{"inputs": 7}""")]),
            ]);
        using var loop = new OpenLoop(plan);
        var result = await loop.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal([("right", 200), ("wrong", 422)], result.Latencies.Keys.Order());
        Assert.InRange(result.Count, 200, 400);
        Assert.InRange(result.CountOf(200) / (double)result.Count, 0.6, 0.9);
        Assert.InRange(result.MillisecondsAt(50)!.Value, 0.01, 60_000);
        Assert.Null(result.MillisecondsAt(50, 429));
        Assert.Equal(2 * result.AnsweredASecond, result.TextsASecond, 6);

        // Every request has reached the server, in the warm-up too.
        var metrics = server.Service<Calls.CallServices>().Metrics.ToString().Split('\n');
        Assert.True(
            double.Parse(metrics.Single(line => line.StartsWith("te_request_success", StringComparison.Ordinal)).Split(' ')[1],
                System.Globalization.CultureInfo.InvariantCulture) >= result.CountOf(200));
    }

    [Fact]
    public async Task AClientThatAsksAgainAndAgainIsAnsweredAgainAndAgain()
    {
        await using var server = await RunningServer.StartAsync(("labels", "squeezebert-sequence-classification"));
        var result = await ClosedLoop.RunAsync(
            new IPEndPoint(IPAddress.Loopback, server.Address.Port),
            [HttpRequest.Post(new Uri(server.Address, "/predict"), """{"inputs": [["a"], ["b"]]}""", texts: 2)], 3, TimeSpan.Zero,
            TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal([200], result.Latencies.Keys.Select(key => key.Status));
        Assert.True(result.Count > 3, $"{result.Count} requests");
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(5, 0, true)]
    [InlineData(0, 0.01, true)]
    [InlineData(0, 0.3, false)]
    [InlineData(30, 0.3, false)]
    public void AGrowthIsTold(double noise, double megabytesASample, bool isFlat)
    {
        var random = new Random(1);
        var samples = Enumerable.Range(0, 100).Select(i => new MemorySample(
            TimeSpan.FromSeconds(10 * i),
            (long)(1e6 * (300 + Math.Min(i, 15) + (megabytesASample * i) + (noise * (random.NextDouble() - 0.5)))),
            0, 0, 0, 0, 0)).ToList();
        var growth = Growth.Of(samples, sample => sample.WorkingSet);
        Assert.Equal(isFlat, growth.IsFlat(0.02, 2e6));
        Assert.InRange(growth.AnHour / 1e6, (360 * megabytesASample) - 25, (360 * megabytesASample) + 25);
    }
}
