using SqueezeBert.Cli.Commands;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Tests;

/// <summary>Numbers and names that no model can have: one line that names the option, and exit code 2.</summary>
public sealed class LimitTests
{
    private const string Encoder = "squeezebert-encoder";

    [Theory]
    [InlineData("classify", "x")]
    [InlineData("embed", "x")]
    [InlineData("evaluate", "--data", "x.tsv")]
    [InlineData("forward", "--input", "x", "--output", "y")]
    [InlineData("bench")]
    public void ThreadsHaveABound(params string[] args)
    {
        using var tool = new TestTool(Encoder);
        Assert.Equal(
            $"squeezebert {args[0]}: --threads takes a number from 1 to 1024, not '99999999' (see squeezebert {args[0]} --help)",
            TestTool.Fails(2, [.. args, "--model", tool.Model, "--threads", "99999999"]));
    }

    [Theory]
    [InlineData("--threads takes a number from 1 to 1024", "compare", "MODEL", "--threads", "99999999")]
    [InlineData("--threads takes a number from 1 to 1024", "new", "x", "--from-teacher", "MODEL", "--threads", "99999999")]
    [InlineData("--precision is one of auto, float32, int8, not 'int4'", "classify", "--model", "MODEL", "--precision", "int4", "x")]
    [InlineData("--precision is one of auto, float32, int8, not 'float16'", "bench", "--model", "MODEL", "--precision", "float16")]
    [InlineData("--batch takes a number from 1 to 65536", "bench", "--model", "MODEL", "--batch", "100000000")]
    [InlineData("--seconds takes a number of seconds, 0 to 86400", "bench", "--model", "MODEL", "--seconds", "1e300")]
    [InlineData("--seconds takes a number of seconds, 0 to 86400", "compare", "MODEL", "--seconds", "-1")]
    [InlineData("--max-length must be 3 to 40, the tokens that the task needs and that the model reads at once, not 9999",
        "embed", "--model", "MODEL", "--max-length", "9999", "x")]
    [InlineData("--max-length must be 3 to 40, ", "similar", "--model", "MODEL", "--max-length", "41", "x", "y")]
    [InlineData("--dimensions 9999: The model's vectors have ", "embed", "--model", "MODEL", "--dimensions", "9999", "x")]
    [InlineData("--layer 99: The model has ", "features", "--model", "MODEL", "--layer", "99", "x")]
    public void AValueOutOfRangeIsNamedByItsOption(string expected, params string[] args)
    {
        using var tool = new TestTool(Encoder);
        var error = TestTool.Fails(2, [.. args.Select(argument => argument == "MODEL" ? tool.Model : argument)]);
        Assert.StartsWith($"squeezebert {args[0]}: {expected}", error, StringComparison.Ordinal);
        Assert.EndsWith($"(see squeezebert {args[0]} --help)", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Actual value", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model is empty: give the name of a model", "classify", "--model", "", "x")]
    [InlineData("--file is empty: give the name of a file or a folder", "classify", "--file", "")]
    [InlineData("--data is empty", "evaluate", "--data", "")]
    [InlineData("MODEL is empty", "inspect", "")]
    [InlineData("MODEL is empty", "compare", "a", "")]
    [InlineData("MODEL is empty", "pull", "")]
    [InlineData("FROM is empty", "convert", "", "x")]
    [InlineData("TO is empty", "convert", "x", "")]
    [InlineData("DIR is empty", "new", "bert-tiny", "")]
    [InlineData("--vocab is empty", "tokenize", "--vocab", "", "x")]
    [InlineData("--output is empty", "vocab", "--size", "10", "--output", "", "x")]
    [InlineData("FILES is empty", "vocab", "--size", "10", "--output", "x", "")]
    [InlineData("--trust-links is empty", "classify", "--trust-links", "", "x")]
    public void AnEmptyNameIsNoName(string expected, params string[] args)
    {
        var error = TestTool.Fails(2, args);
        Assert.StartsWith($"squeezebert {args[0]}: {expected}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ABatchThatTheMemoryDoesNotHoldIsRefusedBeforeItIsMade()
    {
        BenchCommand.CheckMemory(1000, 128, 2_000_000, 2_000_000_000);
        var error = Assert.Throws<CommandLine.UsageException>(() => BenchCommand.CheckMemory(1001, 128, 2_000_000, 2_000_000_000));
        Assert.Equal("--batch 1001 of 128 tokens takes about 2.0 GB, and 2.0 GB are free: give at most 1000", error.Message);
        Assert.Throws<CommandLine.UsageException>(() => BenchCommand.CheckMemory(65_536, 512, long.MaxValue / 2, 1));
    }

    [Fact]
    public void ATimeMayBeAPartOfASecond()
    {
        using var tool = new TestTool(Encoder);
        Assert.Equal(0, TestTool.Run("compare", tool.Model, "--seconds", "0.01", "--json").Code);
    }

    [Fact]
    public void ASemicolonIsToldAndMayBeSaid()
    {
        using var tool = new TestTool();
        var file = tool.Write("reviews.csv", "id;review;label\n1;\"good; very, very\";0\n2;bad;1\n");
        string[] classify = ["classify", "--model", tool.Model, "--file", file, "--text", "review"];
        Assert.EndsWith("no column 'review'; columns: 'id;review;label' (its fields seem to be separated by semicolons: say so with " +
            "--separator ';', or write commas)", TestTool.Fails(1, classify), StringComparison.Ordinal);
        var rows = TestTool.Run([.. classify, "--separator", ";"]).Lines;
        Assert.Equal("id;review;label;predicted_label;predicted_score;predicted_truncated", rows[0]);
        Assert.StartsWith("1;\"good; very, very\";0;LABEL_", rows[1], StringComparison.Ordinal);
        Assert.Equal(0, TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--text", "review", "--separator", ";").Code);
        Assert.Equal(0, TestTool.Run("vocab", "--size", "40", "--output", Path.Combine(tool.Folder, "v.txt"), "--text", "review",
            "--separator", ";", file).Code);
        Assert.Contains("2 fields where the header has 1 (its fields seem",
            TestTool.Fails(1, "evaluate", "--model", tool.Model, "--data", tool.Write("b.csv", "a;b\n1,5;x\n"), "--text", "a;b", "--label",
                "a;b"), StringComparison.Ordinal);
        Assert.Contains("--separator is for CSV", TestTool.Fails(2, "classify", "--model", tool.Model, "--file",
            tool.Write("a.tsv", "a\nb\n"), "--text", "a", "--separator", ";"), StringComparison.Ordinal);
        Assert.Contains("--separator takes one character", TestTool.Fails(2, [.. classify, "--separator", ";;"]), StringComparison.Ordinal);
    }

    [Fact]
    public void NewSaysItsHeadsAndPrecisions()
    {
        var words = string.Join(' ', TestTool.Run("new", "--help").Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("sequence-classification, ", words, StringComparison.Ordinal);
        Assert.Contains("masked-language-model", words.Replace("masked-lm", "masked-language-model", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.Contains("float32, float16, bfloat16", words, StringComparison.Ordinal);
    }

    [Fact]
    public void AHelpOnANarrowTerminalBreaksNoWord()
    {
        foreach (var command in Tool.CommandNames.Select(name => (string[])[name, "--help"]).Append(["--help"]))
        {
            var (wide, narrow) = (Words(TestTool.Run(command).Output), OnTerminal(50, command));
            Assert.Equal(wide.Order(StringComparer.Ordinal), Words(narrow).Order(StringComparer.Ordinal));
            var longest = wide.Max(word => word.Length) + 6;
            var lines = narrow.Split("Examples:")[0].Split('\n');
            Assert.All(lines, line => Assert.InRange(line.Length, 0, Math.Max(50, longest)));
        }

        static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

        static string OnTerminal(int width, string[] args)
        {
            using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
            using var console = new ToolConsole(Stream.Null, output, error, true) { IsOutputInteractive = true, Width = width };
            Assert.Equal(0, Tool.Run(args, console));
            return output.ToString();
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    public void ABarShowsHowFarAFileIsAndFitsTheTerminal(int width)
    {
        using var tool = new TestTool();
        var file = tool.Write("texts.txt", string.Concat(Enumerable.Repeat("the film was very good\n", 3000)));
        Assert.Empty(Run(isOutputInteractive: true).Replace("\u001b[?25l", "", StringComparison.Ordinal));
        var bar = Run(isOutputInteractive: false);
        Assert.Contains("classify", bar, StringComparison.Ordinal);
        var lines = System.Text.RegularExpressions.Regex.Replace(bar, @"\u001b\[[0-9;?]*[A-Za-z]", "").Split(['\n', '\r']);
        Assert.Contains(lines, line => line.Contains('%', StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.All(lines.Where(line => line.Contains('%', StringComparison.Ordinal)),
            line => Assert.Contains("classify", line, StringComparison.Ordinal));

        string Run(bool isOutputInteractive)
        {
            using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
            using var console = new ToolConsole(Stream.Null, output, error, true)
            {
                IsOutputInteractive = isOutputInteractive,
                Width = width,
            };
            Assert.Equal(0, Tool.Run(["classify", "--model", tool.Model, "--file", file], console));
            return error.ToString();
        }
    }
}
