using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>A training whose process is killed (kill -9, kill by Windows) goes on from its last checkpoint, with the same bits.</summary>
public sealed class KilledTrainingTests
{
    [Fact(Timeout = 300_000)]
    public async Task AProcessThatIsKilledAtAnyMomentGoesOnWithTheSameBits()
    {
        using var folder = new TrainingFolder();

        // A checkpoint every other step, so that many a moment is within the writing of one.
        static void Change(JsonObject recipe)
        {
            recipe["stages"]![0]!["epochs"] = 20;
            recipe["stages"]![0]!["checkpoint_steps"] = 2;
        }

        var recipe = folder.Recipe("parts", Change);
        var random = new Random(9);
        var killed = 0;
        for (var run = 0; run < 4; run++)
        {
            string[] arguments = ["train", recipe, "--threads", "1"];
            using var process = ToolRun.Start([.. arguments, .. run == 0 ? [] : (string[])["--resume"]]);
            var lines = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
                && !line.Contains("saved", StringComparison.Ordinal))
            {
            }

            await Task.Delay(random.Next(150), TestContext.Current.CancellationToken);
            if (!process.HasExited) killed++;
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Empty(await lines);
        }

        Assert.Equal(4, killed);
        Assert.False(File.Exists(folder.File("parts/model.safetensors")));
        ToolRun.Of("train", recipe, "--resume").Succeeds();
        ToolRun.Of("train", folder.Recipe("whole", Change)).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("whole/model.safetensors")), File.ReadAllBytes(folder.File("parts/model.safetensors")));

        // Nothing half-written is left.
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("parts"), "*.tmp", SearchOption.AllDirectories));
        Assert.False(File.Exists(folder.File("parts/.training.lock")));
    }
}
