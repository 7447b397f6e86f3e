using System.Globalization;

namespace SqueezeBert.Cli.Tests;

/// <summary>A distillation that is killed while it keeps what the teacher says, or between steps, goes on to the same bits.</summary>
public sealed class KilledDistillationTests : IDisposable
{
    private const string Saved = "saved checkpoint";

    private readonly List<string> _told = [];
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

        var random = new Random(4);
        var inCache = 0;
        var inSteps = 0;
        for (var run = 0; run < 5; run++)
        {
            // The first runs die in the cache, wherever they are in it, the others after a checkpoint.
            var mark = run < 3 ? "teacher's cache" : Saved;
            if (await KillAfterAsync(mark, random.Next(run < 3 ? 150 : 50)))
            {
                if (Directory.Exists(Place("out/checkpoints"))) inSteps++;
                else inCache++;
            }
        }

        Assert.True(inCache > 0, "no run was killed before its first checkpoint: " + string.Join('\n', _told));
        Assert.True(inSteps > 0, "no run was killed between its steps: " + string.Join('\n', _told));
        ToolRun.Of(Arguments("out", isResumed: true)).Succeeds();
        Directory.Delete(Place("cache"), recursive: true);
        ToolRun.Of(Arguments("whole", isResumed: false)).Succeeds();
        Assert.Equal(
            await File.ReadAllBytesAsync(Place("whole/model.safetensors"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Place("out/model.safetensors"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(Place("cache"), "*.partial"));
        Assert.False(File.Exists(Place("out/.training.lock")));
    }

    /// <summary>
    /// Kills a run some time after it has said <paramref name="mark"/>, or has saved a checkpoint, since a cache that is whole is not said.
    /// </summary>
    /// <returns>Whether the process was still there to be killed.</returns>
    private async Task<bool> KillAfterAsync(string mark, int milliseconds)
    {
        using var process = ToolRun.Start(Arguments("out", isResumed: Directory.Exists(Place("out/checkpoints"))));
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
            && !line.Contains(mark, StringComparison.Ordinal) && !line.Contains(Saved, StringComparison.Ordinal))
            _told.Add(line);

        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        var wasThere = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await output);
        return wasThere;
    }

    private string[] Arguments(string output, bool isResumed) =>
        ["train", Place("recipe.json"), "--output", Place(output), "--threads", "1", .. isResumed ? (string[])["--resume"] : []];

    private string Place(string name) => Path.Combine(_root, name);
}
