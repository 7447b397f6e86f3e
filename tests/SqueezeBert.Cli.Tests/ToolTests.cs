namespace SqueezeBert.Cli.Tests;

public sealed class ToolTests
{
    [Theory]
    [InlineData("squeezebert: unknown command 'classfy'; did you mean 'classify'? (see squeezebert --help)", "classfy", "good")]
    [InlineData("squeezebert: unknown option '--vresion'; did you mean '--version'? (see squeezebert --help)", "--vresion")]
    [InlineData("squeezebert info: unexpected argument 'x' (see squeezebert info --help)", "info", "x")]
    public void WrongUseIsTold(string expected, params string[] args) => Assert.Equal(expected, TestTool.Fails(2, args));

    [Fact]
    public void WithoutAKnownCommandTheyAreListed()
    {
        var names = string.Join(", ", Tool.Commands().Select(command => command.Name));
        Assert.Equal($"squeezebert: unknown command 'nope'; commands: {names} (see squeezebert --help)", TestTool.Fails(2, "nope"));
        Assert.Equal($"squeezebert: give a command: {names} (see squeezebert --help)", TestTool.Fails(2));
    }

    [Fact]
    public async Task AnUnknownInstructionSetIsToldInOneLine()
    {
        using var process = ToolRun.Start([("SQUEEZEBERT_INSTRUCTION_SET", "sse9")], ["classify", "good"]);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        new ToolRun(process.ExitCode, await output, error.ReplaceLineEndings("\n")).AssertFails(
            1, "squeezebert classify: SQUEEZEBERT_INSTRUCTION_SET=sse9 is not an instruction set: use scalar, vector128, avx2, " +
                "avx512tiles or avx512, or unset it.");
    }

    [Fact]
    public void ACommandIsFoundByItsName() => Assert.All(Tool.CommandNames, name => Assert.Equal(name, Tool.Create(name)!.Name));

    [Fact]
    public void AskingForHelpAmongOtherArgumentsGivesTheCommandsHelp() =>
        Assert.Contains("Options:", TestTool.Run("classify", "good", "--help").Output, StringComparison.Ordinal);

    [Fact]
    public void EveryCommandExplainsItselfWithExamples()
    {
        var root = TestTool.Run("--help");
        Assert.Equal(0, root.Code);
        foreach (var command in Tool.Commands())
        {
            Assert.Contains($"  {command.Name} ", root.Output, StringComparison.Ordinal);
            var help = TestTool.Run(command.Name, "--help");
            Assert.Equal((0, ""), (help.Code, help.Error));
            Assert.NotEmpty(command.Examples);
            Assert.Contains($"\n  {command.Examples[0]}\n", root.Output, StringComparison.Ordinal);
            foreach (var example in command.Examples) Assert.Contains($"\n  {example}\n", help.Output, StringComparison.Ordinal);
            foreach (var option in command.Options) Assert.False(string.IsNullOrEmpty(option.Description), $"{command.Name} {option.Name}");
        }
    }

    [Fact]
    public async Task AProcessHasTheCodesOfTheTool()
    {
        Assert.Equal((0, true, false), await Run("--version"));
        Assert.Equal((2, false, true), await Run("nope"));
        Assert.Equal((1, false, true), await Run("classify", "--model", "no such folder", "good"));

        static async Task<(int Code, bool HasOutput, bool HasError)> Run(params string[] args)
        {
            using var process = ToolRun.Start(args);
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, (await output).Length > 0, (await error).Length > 0);
        }
    }
}
