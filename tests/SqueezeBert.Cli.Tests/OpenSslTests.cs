namespace SqueezeBert.Cli.Tests;

public sealed class OpenSslTests
{
    /// <summary>A system without OpenSSL runs models; the runtime aborts the process when it looks for the library in vain.</summary>
    [Theory(Timeout = 120_000)]
    [InlineData("squeezebert-sequence-classification")]
    [InlineData("mobilebert-sequence-classification")]
    public async Task ReadingAndRunningAModelLoadsNoOpenSsl(string model)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the libraries of a process are listed in /proc");
        using var tool = new TestTool(model);
        using var process = ToolRun.Start("classify", "--model", tool.Model, "--json", "--file", "-");
        await process.StandardInput.WriteAsync("good\n");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var libraries = await File.ReadAllTextAsync($"/proc/{process.Id}/maps", TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("System.Private.CoreLib", libraries, StringComparison.Ordinal);
        Assert.DoesNotContain("libssl", libraries, StringComparison.Ordinal);
    }
}
