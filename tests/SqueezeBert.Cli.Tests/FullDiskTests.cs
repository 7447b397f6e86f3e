using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>A disk without room: one line that names the file, nothing half-written, and with room the work goes on.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task ATrainingThatHasNoRoomGoesOnWithRoom()
    {
        using var folder = new TrainingFolder();
        await using var disk = await SmallDisk.MountAsync(folder.File("disk"), "640k");
        var recipe = folder.Recipe("parts", recipe =>
        {
            Change(recipe);
            recipe["output"] = Path.Combine(disk.Folder, "parts");
        });
        ToolRun.Of("train", recipe).AssertFails(1, "squeezebert train: ", disk.Folder, ": cannot be written: no space is left on the disk");
        Assert.NotEmpty(Directory.EnumerateDirectories(Path.Combine(disk.Folder, "parts", "checkpoints"), "0*"));
        Assert.Empty(Directory.EnumerateFiles(disk.Folder, "*.tmp", SearchOption.AllDirectories));
        await disk.ResizeAsync("16m");
        ToolRun.Of("train", recipe, "--resume").Succeeds();
        ToolRun.Of("train", folder.Recipe("whole", Change)).Succeeds();
        Assert.Equal(
            File.ReadAllBytes(folder.File("whole/model.safetensors")),
            File.ReadAllBytes(Path.Combine(disk.Folder, "parts", "model.safetensors")));

        static void Change(JsonObject recipe)
        {
            recipe["stages"]![0]!["epochs"] = 8;
            recipe["stages"]![0]!["checkpoint_steps"] = 10;
            recipe["stages"]![0]!["keep_checkpoints"] = 99;
        }
    }

    [Fact]
    public async Task AConversionThatHasNoRoomLeavesNothing()
    {
        using var tool = new TestTool();
        await using var disk = await SmallDisk.MountAsync(Path.Combine(tool.Folder, "disk"), "16k");
        var target = Path.Combine(disk.Folder, "copy");
        TestTool.Run("convert", tool.Model, target).AssertFails(1, "cannot be written: no space is left on the disk");
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Folder));
        await disk.ResizeAsync("4m");
        TestTool.Run("convert", tool.Model, target).Succeeds();
    }

    /// <summary>A file system in memory, which only root of Linux can mount.</summary>
    private sealed class SmallDisk(string folder) : IAsyncDisposable
    {
        public string Folder => folder;

        public static async Task<SmallDisk> MountAsync(string folder, string size)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root of Linux mounts a small disk");
            Directory.CreateDirectory(folder);
            var problem = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder);
            Assert.SkipUnless(problem.Length == 0, $"no file system can be mounted here: {problem}");
            return new SmallDisk(folder);
        }

        public async Task ResizeAsync(string size) => Assert.Equal("", await RunAsync("mount", "-o", $"remount,size={size}", folder));

        public async ValueTask DisposeAsync() => await RunAsync("umount", folder);

        /// <summary>What the program says where it fails; empty where it succeeds.</summary>
        private static async Task<string> RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode == 0 ? "" : $"{process.ExitCode} {error.Trim()}";
        }
    }
}
