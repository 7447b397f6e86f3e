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
        for (var run = 0; run < 4; run++)
        {
            // There are over a hundred checkpoints, so that none of these runs comes to its end.
            using var killed = new KilledRun(
                ["train", recipe, "--threads", "1", .. run == 0 ? [] : (string[])["--resume"]], TestContext.Current.CancellationToken);
            await killed.WaitForCheckpointsAsync(random.Next(2, 6), random.NextDouble());
            Assert.True(await killed.KillAsync(), string.Join('\n', killed.Told));
        }

        Assert.False(File.Exists(folder.File("parts/model.safetensors")));
        ToolRun.Of("train", recipe, "--resume").Succeeds();
        ToolRun.Of("train", folder.Recipe("whole", Change)).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("whole/model.safetensors")), File.ReadAllBytes(folder.File("parts/model.safetensors")));

        // Nothing half-written is left.
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("parts"), "*.tmp", SearchOption.AllDirectories));
        Assert.False(File.Exists(folder.File("parts/.training.lock")));
    }
}
