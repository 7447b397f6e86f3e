using System.Diagnostics;

namespace SqueezeBert.Cli.Tests;

/// <summary>
/// Files that are not there, folders in their place, and what may not be read or written: one line in the tool's words, the exit code of a
/// failure, and no word of the runtime's.
/// </summary>
public sealed class UnreadableFileTests
{
    [Theory]
    [InlineData("nosuch.json: no such file", "train", "nosuch.json")]
    [InlineData("nosuch/nosuch.json: no such file", "train", "nosuch/nosuch.json")]
    [InlineData("folder: is a folder; a recipe is a JSON file", "train", "folder")]
    [InlineData("rows.csv: is a file, not a folder", "train", "--data", "rows.csv", "--output", "rows.csv")]
    [InlineData("rows.csv/x: cannot be made: 'rows.csv' is a file, not a folder", "train", "--data", "rows.csv", "--output", "rows.csv/x")]
    [InlineData("nosuch.txt: no such file or folder", "train", "--data", "rows.csv", "--vocab", "nosuch.txt", "--output", "o")]
    [InlineData("rows.csv: is no weights of a model: beside it is no config.json", "classify", "--model", "rows.csv", "x")]
    [InlineData("rows.csv: is a file, not a folder", "new", "bert-tiny", "rows.csv")]
    [InlineData("rows.csv/x: cannot be made: 'rows.csv' is a file, not a folder", "new", "bert-tiny", "rows.csv/x")]
    [InlineData("rows.csv: is a file, not a folder", "vocab", "--size", "50", "--output", "rows.csv/v", "rows.csv")]
    [InlineData("folder: is a folder, not a file", "classify", "--file", "folder")]
    [InlineData("folder: is a folder, not a file", "tokenize", "--file", "folder")]
    [InlineData("folder: is a folder, not a file", "evaluate", "--format", "csv", "--data", "folder")]
    [InlineData("folder: has no config.json", "inspect", "folder")]
    public void WhatIsNoFileOrNoFolderIsNamed(string expected, params string[] args)
    {
        using var tool = new TestTool();
        tool.Write("rows.csv", "text,label\na b,yes\nc d,no\n");
        Directory.CreateDirectory(Path.Combine(tool.Folder, "folder"));
        var error = Fails(InFolder(tool, args));
        Assert.Contains(expected.Replace('/', Path.DirectorySeparatorChar), error.Replace(tool.Folder + Path.DirectorySeparatorChar, "",
            StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret.json: cannot be read: permission denied", "train", "secret.json")]
    [InlineData("secret.csv: cannot be opened: permission denied", "train", "--data", "secret.csv", "--output", "out/m")]
    [InlineData("secret.csv: cannot be opened: permission denied", "train", "--data", "rows.csv", "--evaluation", "secret.csv",
        "--output", "out/m")]
    [InlineData("--output: locked/x: cannot be made: permission denied", "train", "--data", "rows.csv", "--output", "locked/x")]
    [InlineData("--output: nothing can be written into 'locked': permission denied", "train", "--data", "rows.csv", "--output", "locked")]
    [InlineData("secret.csv: cannot be opened: permission denied", "classify", "--file", "secret.csv", "--text", "text")]
    [InlineData("secret.csv: cannot be opened: permission denied", "evaluate", "--data", "secret.csv")]
    [InlineData("secret.csv: cannot be opened: permission denied", "tokenize", "--file", "secret.csv")]
    [InlineData("secret.csv: cannot be opened: permission denied", "vocab", "--size", "50", "--output", "out/v", "secret.csv")]
    [InlineData("locked/v: cannot be written: permission denied", "vocab", "--size", "50", "--output", "locked/v", "rows.csv")]
    [InlineData("secret.csv: cannot be opened: permission denied", "tokenize", "--vocab", "secret.csv", "x")]
    [InlineData("hidden: cannot be opened: permission denied", "classify", "--model", "hidden", "x")]
    [InlineData("hidden: cannot be opened: permission denied", "inspect", "hidden")]
    [InlineData("hidden: cannot be opened: permission denied", "tokenize", "--model", "hidden", "x")]
    [InlineData("locked/m: cannot be made: permission denied", "new", "bert-tiny", "locked/m")]
    [InlineData("convert: locked/m: cannot be made: permission denied", "convert", "MODEL", "locked/m")]
    [InlineData("locked/model.safetensors: cannot be written: permission denied", "new", "bert-tiny", "locked")]
    public async Task WhatMayNotBeReadOrWrittenIsNamed(string expected, params string[] args)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes are a matter of Unix");
            return;
        }

        using var tool = new TestTool();
        tool.Write("rows.csv", "text,label\na b,yes\nc d,no\n");
        foreach (var name in (string[])["secret.json", "secret.csv"])
            File.SetUnixFileMode(tool.Write(name, "text,label\na,b\n"), UnixFileMode.None);
        File.SetUnixFileMode(tool.Model, (UnixFileMode)493);
        var locked = Directory.CreateDirectory(Path.Combine(tool.Folder, "locked")).FullName;
        var hidden = Directory.CreateDirectory(Path.Combine(tool.Folder, "hidden")).FullName;
        Directory.CreateDirectory(Path.Combine(tool.Folder, "out"));
        const UnixFileMode All = (UnixFileMode)511, ReadOnly = (UnixFileMode)365;
        File.SetUnixFileMode(tool.Folder, All);
        File.SetUnixFileMode(Path.Combine(tool.Folder, "out"), All);
        File.SetUnixFileMode(locked, ReadOnly);
        File.SetUnixFileMode(hidden, UnixFileMode.None);
        try
        {
            var (code, output, error) = await AsAnyoneAsync(
                tool.Folder, [.. args.Select(argument => argument == "MODEL" ? tool.Model : argument)]);
            Assert.Equal((1, ""), (code, output));
            Assert.Contains(expected, error, StringComparison.Ordinal);
            AssertOwnWords(error);
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("squeezebert ",
                StringComparison.Ordinal));
        }
        finally
        {
            foreach (var path in (string[])[locked, hidden]) File.SetUnixFileMode(path, All);
        }
    }

    /// <summary>Runs with the names of the folder's files in the place of short ones.</summary>
    private static ToolRun InFolder(TestTool tool, string[] args)
    {
        string[] names = ["nosuch", "folder", "rows"];
        return ToolRun.Of([.. args.Select((argument, i) => i > 0 && (argument == "o" || names.Any(argument.StartsWith))
            ? Path.Combine(tool.Folder, argument) : argument)]);
    }

    private static string Fails(ToolRun run)
    {
        Assert.Equal((1, ""), (run.Code, run.Output));
        AssertOwnWords(run.Error);
        return TestTool.OneLine(run.Error);
    }

    private static void AssertOwnWords(string error)
    {
        foreach (var word in (string[])["Access to the path", "Could not find", "already exists", ".tmp", "   at "])
            Assert.DoesNotContain(word, error, StringComparison.Ordinal);
    }

    /// <summary>Runs the tool for a user who is not root, whom no mode stops.</summary>
    private static async Task<(int Code, string Output, string Error)> AsAnyoneAsync(string folder, string[] args)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "squeezebert.dll");
        string[] user = Environment.UserName != "root" ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        Assert.SkipUnless(user.Length == 0 || File.Exists("/usr/bin/setpriv"), "root may do everything, and there is no setpriv");
        string[] command = [.. user, "dotnet", tool, .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = start.Environment["DOTNET_CLI_HOME"] = Path.Combine(folder, "out");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var text = await error;
        Assert.SkipWhen(text.Contains("does not exist", StringComparison.Ordinal) && process.ExitCode is 1 or 145
            && text.Contains(tool, StringComparison.Ordinal), "another user cannot read the tool here");
        return (process.ExitCode, output, text);
    }
}
