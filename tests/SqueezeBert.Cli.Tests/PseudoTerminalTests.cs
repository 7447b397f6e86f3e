using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SqueezeBert.Cli.Tests;

/// <summary>The progress bars on a terminal of Linux, of several widths: `script` of util-linux makes one.</summary>
public sealed partial class PseudoTerminalTests
{
    private const string ShowCursor = "\e[?25h";

    [Theory(Timeout = 600_000)]
    [InlineData(60, "C.UTF-8", '━')]
    [InlineData(80, "C.UTF-8", '━')]
    [InlineData(200, "C.UTF-8", '━')]
    [InlineData(80, "en_US.ISO-8859-1", '-')]
    public async Task ABarFitsIntoTheWidthAndGoesAtTheEnd(int width, string locale, char bar)
    {
        using var tool = new TestTool();
        var texts = tool.Write("texts.txt", string.Concat(Enumerable.Repeat("good good film\n", 3000)));
        var answers = Path.Combine(tool.Folder, "answers");
        using var terminal = Terminal.Start(width, locale, $"classify --model '{tool.Model}' --file '{texts}' >'{answers}'");
        var (code, screen) = await terminal.EndAsync(TestContext.Current.CancellationToken);
        Assert.True(code == 0, screen);
        Assert.Equal(3000, File.ReadLines(answers).Count());
        var lines = Lines(screen);
        Assert.Contains(lines, line => line.StartsWith("classify ", StringComparison.Ordinal) && line.Contains(bar));
        Assert.All(lines, line => Assert.True(line.Length < width, line));
        Assert.Equal(bar == '-', lines.All(line => line.All(char.IsAscii)));

        // The bar is wiped away, and the cursor is back.
        Assert.EndsWith(ShowCursor, screen, StringComparison.Ordinal);
        Assert.Contains("\e[2K", screen, StringComparison.Ordinal);
    }

    [Theory(Timeout = 600_000)]
    [InlineData(60)]
    [InlineData(120)]
    public async Task AnInterruptedTrainingLeavesTheTerminalAsItWas(int width)
    {
        using var folder = new TrainingFolder();
        var recipe = folder.Recipe("model", recipe => recipe["stages"]![0]!["epochs"] = 2000);
        using var terminal = Terminal.Start(width, "C.UTF-8", $"train '{recipe}'");
        await terminal.WaitForAsync("tokens/s", TestContext.Current.CancellationToken);
        terminal.Type("\u0003");
        var (code, screen) = await terminal.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains("stopping; Ctrl-C again ends at once", screen, StringComparison.Ordinal);
        Assert.Contains("squeezebert train: interrupted; a checkpoint is saved", screen, StringComparison.Ordinal);
        var bars = Lines(screen).Where(line => line.StartsWith("toy ", StringComparison.Ordinal) && line.Contains('%'));
        Assert.NotEmpty(bars);
        Assert.All(bars, line => Assert.True(line.Length <= width, line));
        Assert.True(
            screen.LastIndexOf(ShowCursor, StringComparison.Ordinal) > screen.LastIndexOf("\e[?25l", StringComparison.Ordinal), screen);
    }

    [Fact(Timeout = 600_000)]
    public async Task ATerminalThatCannotBeRedrawnHasLines()
    {
        using var tool = new TestTool();
        var texts = tool.Write("texts.txt", "good\ngood\n");
        using var terminal = Terminal.Start(80, "C.UTF-8", $"classify --model '{tool.Model}' --file '{texts}' >/dev/null", "dumb");
        var (code, screen) = await terminal.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (code, Escape().Replace(screen, "")));
    }

    /// <summary>What stands in a line of the terminal at some time, without colours and movements.</summary>
    private static List<string> Lines(string screen) =>
        [.. Escape().Replace(screen, "").Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("\e(\\[[0-9;?]*[A-Za-z]|[=>])")]
    private static partial Regex Escape();

    private sealed class Terminal : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _screen = new();
        private readonly Task _reading;

        private Terminal(Process process)
        {
            _process = process;
            _reading = ReadAsync();
        }

        /// <summary>Starts the tool on a terminal of its own.</summary>
        public static Terminal Start(int width, string locale, string command, string kind = "xterm-256color")
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "`script` of util-linux makes a terminal");
            var tool = Path.Combine(AppContext.BaseDirectory, "squeezebert.dll");
            var line = string.Create(CultureInfo.InvariantCulture, $"stty cols {width} rows 40; exec dotnet '{tool}' {command}");
            var start = new ProcessStartInfo("/usr/bin/script", ["-qec", line, "/dev/null"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardOutputEncoding = new UTF8Encoding(false),
            };
            start.Environment["TERM"] = kind;
            start.Environment["LC_ALL"] = locale;
            start.Environment["SHELL"] = "/bin/sh";
            foreach (var name in (string[])["NO_COLOR", "COLUMNS", "LINES", "CI", "GITHUB_ACTIONS"]) start.Environment.Remove(name);
            return new Terminal(Process.Start(start)!);
        }

        public void Type(string text)
        {
            _process.StandardInput.Write(text);
            _process.StandardInput.Flush();
        }

        public async Task WaitForAsync(string text, CancellationToken cancellationToken)
        {
            while (!Screen().Contains(text, StringComparison.Ordinal))
            {
                Assert.False(_reading.IsCompleted, Screen());
                await Task.Delay(20, cancellationToken);
            }
        }

        public async Task<(int Code, string Screen)> EndAsync(CancellationToken cancellationToken)
        {
            await _reading.WaitAsync(cancellationToken);
            await _process.WaitForExitAsync(cancellationToken);
            return (_process.ExitCode, Screen());
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        private string Screen()
        {
            lock (_screen) return _screen.ToString();
        }

        private async Task ReadAsync()
        {
            var buffer = new char[4096];
            int count;
            while ((count = await _process.StandardOutput.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                lock (_screen) _screen.Append(buffer, 0, count);
            }
        }
    }
}
