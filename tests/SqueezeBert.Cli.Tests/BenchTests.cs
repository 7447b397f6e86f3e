using System.Text;
using System.Text.Json;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Tests;

/// <summary>`squeezebert bench` on a tiny model of the reference. Nothing here depends on how fast the machine is.</summary>
public class BenchTests
{
    private static readonly string Model = Path.Combine(
        AppContext.BaseDirectory, "Fixtures", "models", "squeezebert-sequence-classification");

    [Fact]
    public void JsonHasTheDocumentedFieldsAndTheyFitTogether()
    {
        var (code, output, error) = Run("bench", "--model", Model, "--length", "16", "--batch", "3", "--threads", "2", "--seconds",
            "0.01", "--json");
        Assert.Equal(("", 0), (error, code));
        using var document = JsonDocument.Parse(output);
        var json = document.RootElement;
        Assert.Equal(("last_hidden_state", "float32"), (json.GetProperty("output").GetString(), json.GetProperty("precision").GetString()));
        Assert.Equal((3, 16, 2),
            (json.GetProperty("batch").GetInt32(), json.GetProperty("length").GetInt32(), json.GetProperty("threads").GetInt32()));
        Assert.InRange(json.GetProperty("min_ms").GetDouble(), 1e-6, json.GetProperty("median_ms").GetDouble());
        Assert.True(json.GetProperty("peak_gflops").GetDouble() > 0);
        Assert.True(json.GetProperty("peak_memory_bytes").GetInt64() > 1 << 20);
        Assert.True(json.GetProperty("passes").GetInt32() >= 5);
    }

    [Theory]
    [InlineData("last_hidden_state")]
    [InlineData("logits")]
    public void GflopsAreThoseThatTheOutputNeeds(string output)
    {
        using var document = JsonDocument.Parse(
            Run("bench", "--model", Model, "--length", "10", "--batch", "2", "--seconds", "0", "--output", output, "--json").Output);
        var json = document.RootElement;
        var flops = json.GetProperty("gflops").GetDouble() * json.GetProperty("median_ms").GetDouble() * 1e6;
        using var configuration = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Model, "config.json")));
        int Number(string name) => configuration.RootElement.GetProperty(name).GetInt32();
        long hidden = Number("hidden_size"), middle = Number("intermediate_size"), layers = Number("num_hidden_layers");
        var keysAndValues = (hidden * hidden / Number("k_groups")) + (hidden * hidden / Number("v_groups"));
        var others = (hidden * hidden / Number("q_groups")) + (hidden * hidden / Number("post_attention_groups"))
            + (hidden * middle / Number("intermediate_groups")) + (hidden * middle / Number("output_groups")) + (2 * 10 * hidden);
        var expected = 2 * 10 * layers * (keysAndValues + others);

        // Logits leave nine of ten rows of the last layer out, and have a pooler and a classifier.
        if (output == "logits")
            expected += -(2 * 9 * others) + (2 * hidden * hidden)
                + (2 * hidden * configuration.RootElement.GetProperty("id2label").EnumerateObject().Count());
        Assert.Equal(2.0 * expected, flops, tolerance: 1e-6 * expected);
    }

    [Fact]
    public void Int8IsMeasuredWhereItIsAskedFor()
    {
        var (code, output, _) = Run("bench", "--model", Model, "--length", "8", "--seconds", "0", "--precision", "int8");
        Assert.Equal(0, code);
        Assert.Contains("int8", output);
    }

    [Fact]
    public void TextNamesTheModelAndItsShareOfThePeak()
    {
        var (code, output, _) = Run("bench", "--model", Model, "--length", "8", "--seconds", "0");
        Assert.Equal(0, code);
        Assert.Contains("squeezebert", output);
        Assert.Contains("1 x 8 tokens", output);
        Assert.Matches(@"arithmetic: +[0-9.]+ GFLOP/s, [0-9.]+ ?% of the [0-9]+ GFLOP/s", output);
    }

    [Theory]
    [InlineData(2, "--model", "bench")]
    [InlineData(2, "positions", "bench", "--model", "MODEL", "--length", "100000")]
    [InlineData(2, "--batch", "bench", "--model", "MODEL", "--batch", "0")]
    [InlineData(2, "--threads", "bench", "--model", "MODEL", "--threads", "0")]
    [InlineData(1, "last_hidden_state", "bench", "--model", "MODEL", "--output", "start_logits")]
    [InlineData(1, "no-such-model", "bench", "--model", "no-such-model")]
    public void MistakesAreOneLineThatSaysWhatIsWrong(int expected, string names, params string[] args)
    {
        var (code, output, error) = Run([.. args.Select(argument => argument == "MODEL" ? Model : argument)]);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(names, error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(""));
        using var console = new ToolConsole(input, output, error, isErrorInteractive: false);
        var code = Tool.Run(args, console);
        return (code, output.ToString(), error.ToString());
    }
}
