using System.Text;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>
/// What `train` reports on a file is what `evaluate` reports on it with the finished model, for each task. The models are hardly trained
/// and the texts are of random words, some longer than what is read, so that the figures are neither zero nor one.
/// </summary>
public sealed class TrainedFiguresTests : IDisposable
{
    private const int Rows = 120;

    /// <summary>Outputs of the two engines differ in the last bits, which moves correlations a little and nothing else.</summary>
    private const double Tolerance = 1e-4;
    private static readonly string[] Words =
        ["this", "film", "was", "very", "good", "bad", "not", "it", "plot", "actor", "Unfilmed", "re-made"];

    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-figures-").FullName;
    private readonly Random _random = new(4);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void LabelsOfTexts() =>
        AssertSame("single-label", Table("data.tsv", "text\tlabel", () => $"{Text()}\t{Label()}"), [], ["accuracy"]);

    [Fact]
    public void LabelsOfPairs() => AssertSame("single-label",
        Table("data.tsv", "first\tsecond\tlabel", () => $"{Text()}\t{Text()}\t{Label()}"),
        ["--text", "first", "--pair", "second"], ["accuracy"]);

    [Fact]
    public void SeveralLabelsOfTexts() => AssertSame("multi-label",
        Table("data.tsv", "text\tlabel", () => $"{Text()}\t{string.Join(',', Enumerable.Range(0, 3).Where(_ => _random.Next(4) == 0))}"),
        [], ["exact_match"]);

    [Fact]
    public void Numbers() => AssertSame("regression",
        Table("data.tsv", "text\tlabel", () => $"{Text()}\t{_random.Next(50) / 10.0:0.0}"), [], ["pearson", "spearman"]);

    [Fact]
    public void Entities() => AssertSame("token-classification", Tags("data.conll"), [], ["accuracy", "f1", "precision", "recall"],
        "--forbid-impossible-tags");

    [Theory]
    [InlineData("1.1")]
    [InlineData("v2.0")]
    public void Answers(string version) => AssertSame("question-answering", Questions("data.json", version), [],
        version == "1.1" ? ["exact_match", "f1"] : ["exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1"]);

    [Fact]
    public void Choices() => AssertSame("multiple-choice",
        Table("data.csv", "sent1,one,two,three,label", () => $"{Text()},{Text()},{Text()},{Text()},{_random.Next(3)}"),
        ["--text", "sent1", "--choice", "one", "--choice", "two", "--choice", "three"], ["accuracy"]);

    [Fact]
    public void Scores() => AssertSame("similarity",
        Table("data.tsv", "sentence1\tsentence2\tscore", () => $"{Text()}\t{Text()}\t{_random.Next(50) / 10.0:0.0}"),
        [], ["pearson", "spearman"]);

    private void AssertSame(string task, string file, string[] columns, string[] figures, params string[] evaluation)
    {
        // Training cuts long sentences, and entities are evaluated in windows of them: these must fit.
        var maxLength = task == "token-classification" ? "64" : "24";
        var (start, model) = (Path.Combine(_folder, "start"), Path.Combine(_folder, "model"));
        ToolRun.Of("new", "squeezebert", start, "hidden_size=32", "num_attention_heads=4", "intermediate_size=64", "num_hidden_layers=1",
            "vocab_size=400", "max_position_embeddings=64", "q_groups=2", "k_groups=2", "v_groups=2", "intermediate_groups=2",
            "output_groups=2", "--seed", "3").Succeeds();
        var scores = task == "similarity" ? new[] { "--scores", "0,5" } : [];
        ToolRun.Of(["train", "--task", task, "--data", file, "--evaluation", file, "--from", start, "--output", model, .. columns,
            .. scores, "--epochs", "12", "--learning-rate", "1e-3", "--max-length", maxLength]).Succeeds();
        var reported = File.ReadLines(Path.Combine(model, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Last(line => (string?)line["event"] == "evaluation");
        var kind = task switch
        {
            "similarity" => new[] { "--task", "similarity", "--text", "sentence1", "--pair", "sentence2", "--label", "score" },
            _ => columns,
        };
        var output = ToolRun.Of(["evaluate", "--model", model, "--data", file, .. kind, "--max-length", maxLength, "--json",
            .. evaluation]).Succeeds();
        var measured = JsonNode.Parse(output.Split('\n')[0])!;
        foreach (var figure in figures)
        {
            var expected = (double)measured[figure]!;

            // Some figures have the names that the scripts of their fields give them in `evaluate`.
            var name = (task, figure) switch
            {
                ("question-answering", "exact") => "exact_match",
                ("multi-label", "exact_match") => "accuracy",
                _ => figure,
            };
            var actual = (double)(reported["figures"]?[name] ?? reported[name])!;
            Assert.True(Math.Abs(expected - actual) < Tolerance, $"{figure}: train reports {actual}, evaluate {expected}");
        }
    }

    private string Table(string name, string header, Func<string> row) =>
        Write(name, string.Join('\n', Enumerable.Range(0, Rows).Select(_ => row()).Prepend(header)) + "\n");

    private string Tags(string name)
    {
        var lines = new StringBuilder();
        for (var row = 0; row < Rows; row++)
        {
            var (inside, kind) = (false, "A");
            foreach (var word in Text(9).Split(' '))
            {
                // Nothing tells the two kinds apart, so the best tag of a word alone often does not fit the one before.
                var begins = !inside || _random.Next(4) == 0;
                if (begins) kind = _random.Next(2) == 0 ? "A" : "B";
                inside = _random.Next(8) > 0;
                var tag = !inside ? "O" : begins ? $"B-{kind}" : $"I-{kind}";
                lines.Append(word).Append('\t').Append(tag).Append('\n');
            }

            lines.Append('\n');
        }

        return Write(name, lines.ToString());
    }

    private string Questions(string name, string version)
    {
        var questions = new JsonArray();
        for (var row = 0; row < Rows; row++)
        {
            var context = Text(30);
            var words = context.Split(' ');
            var first = _random.Next(words.Length);
            var answer = string.Join(' ', words[first..Math.Min(words.Length, first + 2)]);
            var start = words[..first].Sum(word => word.Length + 1);
            var answers = new JsonArray();
            if (version == "1.1" || row % 3 > 0) answers.Add(new JsonObject { ["text"] = answer, ["answer_start"] = start });
            questions.Add(new JsonObject
            {
                ["context"] = context,
                ["qas"] = new JsonArray(new JsonObject
                {
                    ["id"] = $"q{row}",
                    ["question"] = Text(4),
                    ["answers"] = answers,
                    ["is_impossible"] = answers.Count == 0,
                }),
            });
        }

        return Write(name, new JsonObject
        {
            ["version"] = version,
            ["data"] = new JsonArray(new JsonObject { ["title"] = "t", ["paragraphs"] = questions }),
        }.ToJsonString());
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private string Label() => _random.Next(3) switch { 0 => "no", 1 => "yes", _ => "perhaps" };

    private string Text(int most = 16) =>
        string.Join(' ', Enumerable.Range(0, 1 + _random.Next(most)).Select(_ => Words[_random.Next(Words.Length)]));
}
