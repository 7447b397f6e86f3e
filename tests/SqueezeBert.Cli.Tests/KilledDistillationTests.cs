using System.Globalization;

namespace SqueezeBert.Cli.Tests;

/// <summary>A distillation that is killed while it keeps what the teacher says, or between steps, goes on to the same bits.</summary>
public sealed class KilledDistillationTests : IDisposable
{
    /// <summary>More than enough, even where many a run does what it shall be killed in before the kill comes.</summary>
    private const int MostRuns = 40;

    private int _runs;
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-killed-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact(Timeout = 300_000)]
    public async Task AProcessThatIsKilledInItsCachesOrItsStepsGoesOnWithTheSameBits()
    {
        ToolRun.Of("new", "bert", Place("teacher"), "hidden_size=32", "num_attention_heads=4", "num_hidden_layers=2",
            "intermediate_size=64", "vocab_size=300", "max_position_embeddings=64").Succeeds();
        ToolRun.Of("new", Place("student"), "--from-teacher", Place("teacher"), "--keep-layers", "0").Succeeds();

        // More texts than a cache's block of 4,096 rows holds, so that a killed run leaves whole blocks and a part of one.
        await File.WriteAllLinesAsync(Place("texts.txt"), Enumerable.Range(0, 20_000).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"Text {i} has {i * 7} words.")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Place("recipe.json"), """
            {
              "output": "never", "from": "student", "seed": 1,
              "stages": [{
                "task": "distillation", "teacher": "teacher", "teacher_cache": "cache", "data": [{ "file": "texts.txt" }], "max_length": 32,
                "losses": { "hidden_states": 0, "layers": 0 }, "tokens": 400000, "batch_tokens": 300, "checkpoint_steps": 40,
                "checkpoint_minutes": 0
              }]
            }
            """, TestContext.Current.CancellationToken);

        for (var deaths = 0; deaths < 3;)
        {
            if (await IsKilledInCacheAsync(isContinued: deaths > 0)) deaths++;
            else deaths = StartAgain();
        }

        var random = new Random(4);
        for (var deaths = 0; deaths < 2;)
        {
            using var run = Start();
            await run.WaitForCheckpointsAsync(random.Next(2, 5), random.NextDouble());
            if (await run.KillAsync()) deaths++;
            else deaths = StartAgain();
        }

        Assert.True(Directory.Exists(Place("out/checkpoints")));
        ToolRun.Of(Arguments("out", isResumed: true)).Succeeds();
        Directory.Delete(Place("cache"), recursive: true);
        ToolRun.Of(Arguments("whole", isResumed: false)).Succeeds();
        Assert.Equal(
            await File.ReadAllBytesAsync(Place("whole/model.safetensors"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Place("out/model.safetensors"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(Place("cache"), "*.partial"));
        Assert.False(File.Exists(Place("out/.training.lock")));
    }

    /// <summary>Kills a run when it has added a block to the cache, whose first texts the next one then need not compute.</summary>
    /// <returns>Whether it was killed before the cache was whole.</returns>
    private async Task<bool> IsKilledInCacheAsync(bool isContinued)
    {
        using var run = Start();
        var before = SizeOfPart();
        await run.WaitUntilAsync(() => SizeOfPart() > before + 4096 || Caches("*.cache").Any());
        await run.KillAsync();
        if (SizeOfPart() == 0) return false;
        var said = string.Join('\n', run.Told);
        Assert.Contains("teacher's cache: ", said, StringComparison.Ordinal);
        Assert.Equal(isContinued, said.Contains(" are there", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Place("out/checkpoints")));
        return true;
    }

    private KilledRun Start()
    {
        Assert.True(_runs++ < MostRuns, "the runs were never killed in what they shall be killed in");
        return new KilledRun(
            Arguments("out", isResumed: Directory.Exists(Place("out/checkpoints"))), TestContext.Current.CancellationToken);
    }

    /// <summary>The run was faster than its killer.</summary>
    private int StartAgain()
    {
        foreach (var folder in (string[])["cache", "out"])
        {
            if (Directory.Exists(Place(folder))) Directory.Delete(Place(folder), recursive: true);
        }

        return 0;
    }

    /// <summary>Bytes of the cache as long as it is not whole; 0 where there is none, or it is whole.</summary>
    private long SizeOfPart() => Caches("*.partial").Sum(file => new FileInfo(file) is { Exists: true } part ? part.Length : 0);

    private string[] Caches(string pattern) =>
        Directory.Exists(Place("cache")) ? Directory.GetFiles(Place("cache"), pattern) : [];

    private string[] Arguments(string output, bool isResumed) =>
        ["train", Place("recipe.json"), "--output", Place(output), "--threads", "1", .. isResumed ? (string[])["--resume"] : []];

    private string Place(string name) => Path.Combine(_root, name);
}
