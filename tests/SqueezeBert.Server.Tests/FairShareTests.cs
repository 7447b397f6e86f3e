using CsCheck;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Tests;

/// <summary>Models get their parts of the machine while several have work, and all of it while one has.</summary>
public sealed class FairShareTests
{
    private const string Classifier = "squeezebert-sequence-classification";

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(0.5, 4)]
    public async Task WorkIsDividedByTheShares(double first, double second)
    {
        var shares = new FairShares(1);
        (ShareLine Line, double Work, int Count)[] models = [(shares.AddLine(first), 2, 0), (shares.AddLine(second), 7, 0)];
        var turns = new Queue<FairShares.Turn>();

        // Another model has the room until all texts wait, since a model whose texts go at once has no claim to make up for.
        var before = await shares.EnterAsync(shares.AddLine(1), 1, 1, TestContext.Current.CancellationToken);
        var waiting = new List<(int Model, Task<FairShares.Turn> Turn)>();
        for (var text = 0; text < 600; text++)
        {
            for (var model = 0; model < 2; model++)
            {
                waiting.Add((model, shares.EnterAsync(
                    models[model].Line, models[model].Work, 0.125, TestContext.Current.CancellationToken).AsTask()));
            }
        }

        before.Dispose();

        // Both have work until the first has had 300 texts or the second has. There is room for eight: the next one goes only when all of
        // them have been seen, since those who were let through go on at some later moment.
        while (models.All(model => model.Count < 300))
        {
            for (var i = waiting.Count - 1; i >= 0; i--)
            {
                if (!waiting[i].Turn.IsCompleted) continue;
                turns.Enqueue(await waiting[i].Turn);
                models[waiting[i].Model].Count++;
                waiting.RemoveAt(i);
            }

            Assert.InRange(turns.Count, 0, 8);
            if (turns.Count == 8) turns.Dequeue().Dispose();
            else await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        var ratio = models[0].Count * models[0].Work / (models[1].Count * models[1].Work);
        Assert.InRange(ratio / (first / second), 0.9, 1.1);
    }

    [Fact]
    public async Task AModelThatHadNothingToDoHasNoClaimToIt()
    {
        var shares = new FairShares(1);
        var (busy, idle) = (shares.AddLine(1), shares.AddLine(1));
        for (var text = 0; text < 100; text++)
            (await shares.EnterAsync(busy, 1, 1, TestContext.Current.CancellationToken)).Dispose();
        var turn = await shares.EnterAsync(busy, 1, 1, TestContext.Current.CancellationToken);
        var order = new List<string>();
        var asking = new List<Task>();
        for (var text = 0; text < 4; text++)
        {
            asking.Add(AskAsync(idle, "idle"));
            asking.Add(AskAsync(busy, "busy"));
        }

        turn.Dispose();
        await Task.WhenAll(asking);
        Assert.Equal(4, order.Count(name => name == "idle"));
        Assert.InRange(order.Take(4).Count(name => name == "idle"), 2, 3);

        async Task AskAsync(ShareLine line, string name)
        {
            using var own = await shares.EnterAsync(line, 1, 1, TestContext.Current.CancellationToken);
            lock (order) order.Add(name);
        }
    }

    [Fact]
    public async Task WhoGoesLeavesItsRoomToTheOthers()
    {
        var shares = new FairShares(1);
        var line = shares.AddLine(1);
        var turn = await shares.EnterAsync(line, 1, 1, TestContext.Current.CancellationToken);
        using var gone = new CancellationTokenSource();
        var first = shares.EnterAsync(line, 1, 1, gone.Token).AsTask();
        var second = shares.EnterAsync(line, 1, 1, TestContext.Current.CancellationToken).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        turn.Dispose();
        (await second).Dispose();

        // What is larger than all of the room goes alone.
        (await shares.EnterAsync(line, 1, 5, TestContext.Current.CancellationToken)).Dispose();
    }

    /// <summary>Whatever is rounded on the way: with nothing admitted, a text goes at once, even if it is larger than the room.</summary>
    [Fact]
    public void NothingIsLeftOfTextsThatAreComputed() =>
        Gen.Int[1, 300].Select(divisor => 1.0 / divisor).Array[1, 8].Sample(parts =>
        {
            var shares = new FairShares(10);
            var line = shares.AddLine(1);
            var turns = parts.Select(part => shares.EnterAsync(line, 1, part, TestContext.Current.CancellationToken).Result).ToList();
            foreach (var turn in turns) turn.Dispose();
            var large = shares.EnterAsync(line, 1, 11, TestContext.Current.CancellationToken);
            return large.IsCompleted;
        });

    [Fact]
    public async Task ALightModelDoesNotWaitForAllOfAHeavyOne()
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxTexts, options.MaxQueuedTokens, options.RequestTimeout, options.Shares) = (
                1000, int.MaxValue, TimeSpan.FromMinutes(10), new Dictionary<string, double> { ["heavy"] = 1, ["light"] = 4 }),
            [("heavy", Classifier), ("light", Classifier)]);
        var text = string.Join(' ', Enumerable.Repeat("film", 300));
        var many = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat($"\"{text}\"", 250))}}], "long_text": "windows"}""";
        var flood = Enumerable.Range(0, 4).Select(_ => server.PostAsync("/models/heavy/classify", many)).ToList();
        await Wait.UntilAsync(() => Task.FromResult(server.Service<ServedModels>().Find("heavy").Queue.Requests == 4));
        (await server.PostAsync("/models/light/classify", """{"text": "the film"}""")).Is(200);
        Assert.All(flood, request => Assert.False(request.IsCompleted, "the light model has waited for the heavy one"));
        foreach (var reply in await Task.WhenAll(flood)) Assert.Equal(250, reply.Is(200)["results"]!.AsArray().Count);
    }

    [Fact]
    public async Task AShareOfAModelThatIsNotThereIsNamed()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningServer.StartAsync(
            options => options.Shares = new Dictionary<string, double> { ["other"] = 2 }, [("labels", Classifier)]));
        Assert.Contains("'other'", error.Message, StringComparison.Ordinal);
    }
}
