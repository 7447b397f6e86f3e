using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Tests.Pipelines.SeveralHeads;

namespace SqueezeBert.Cli.Tests;

public sealed class ReportTests : IDisposable
{
    private const string Header = "index\tsentence1\tsentence2\tgold_label\n";

    private readonly TestTool _tool = new();
    private readonly TestTool _encoder = new("squeezebert-encoder");
    private readonly TestTool _answerer = new("squeezebert-question-answering");
    private readonly TestTool _tagger = new("squeezebert-token-classification");

    public ReportTests()
    {
        var configuration = ModelConfiguration.Load(_tool.Model);
        (configuration with { Labels = ["contradiction", "entailment", "neutral"] }).Save(_tool.Model);
        configuration = ModelConfiguration.Load(_tagger.Model);
        string[] labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-MISC", "I-MISC"];
        (configuration with { Labels = labels[..configuration.Labels.Count] }).Save(_tagger.Model);
        Write("MNLI/train.tsv", $"{Header}0\tgood\tbad\tneutral\n1\tgood\tgood\tentailment\n");
        Write("MNLI/dev_matched.tsv", $"{Header}0\tgood\tbad\tneutral\n1\tfilm\tthe film\tneutral\n2\tbad\tfilm\tneutral\n");
        Write("MNLI/dev_mismatched.tsv", $"{Header}0\tgood\tgood\tentailment\n");
        Write("STS-B/dev.tsv", "sentence1\tsentence2\tscore\nthe film\ta film\t4.5\nthe film\tgood\t2\nbad\tvery good\t1\n");
        Write("scifact/corpus.jsonl", "{\"_id\":\"d1\",\"text\":\"the film\"}\n{\"_id\":\"d2\",\"text\":\"bad\"}\n");
        Write("scifact/queries.jsonl", "{\"_id\":\"1\",\"text\":\"film\"}\n");
        Write("scifact/qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t1\n");
        Write("squad/dev-v1.1.json", """
            {"data":[{"paragraphs":[{"context":"the film was good","qas":[
              {"id":"1","question":"what?","answers":[{"text":"film","answer_start":4}]}]}]}]}
            """);
        Write("names/valid.txt", "the O\nfilm B-PER\n");
    }

    public void Dispose()
    {
        _tool.Dispose();
        _encoder.Dispose();
        _answerer.Dispose();
        _tagger.Dispose();
    }

    [Fact]
    public void EachModelIsMeasuredOnWhatItHasAHeadFor()
    {
        string[] models = [_tool.Model, _encoder.Model, _answerer.Model, _tagger.Model];
        var lines = Run(["report", .. models, "--json"]).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([.. models, "linear", "BM25", "nearest sentence"],
            lines.Where(line => line["published"] is null).Select(line => (string)line["model"]!));
        Assert.Equal(["STS-B", "MNLI", "names", "scifact", "dev-v1.1"],
            lines[0]["scores"]!.AsArray().Select(score => (string)score!["task"]!));
        var scored = lines.Where(line => line["published"] is null).Select(line => string.Concat(
            line["scores"]!.AsArray().Select(score => score!["score"] is null ? '-' : 'x')));
        Assert.Equal(["-x---", "x--x-", "----x", "--x--", "-x---", "---x-", "----x"], scored);
        Assert.All(lines.Take(4), line =>
        {
            Assert.Equal((long)line["flops"]!["count"]!, 2 * (long)line["multiply_adds"]!["count"]!);
            Assert.True((long)line["parameters"]! > 0);
        });

        using var classifier = TextClassifier.Load(_tool.Model);
        double Right(string label, params (string, string)[] pairs) =>
            pairs.Average(pair => classifier.Classify(pair.Item1, pair.Item2).Label == label ? 1 : 0);
        var matched = Right("neutral", ("good", "bad"), ("film", "the film"), ("bad", "film"));
        Assert.Equal((matched + Right("entailment", ("good", "good"))) / 2, Score(lines[0], "MNLI"), 1e-12);
        Assert.Equal(1, Score(lines[5], "scifact"));
        using var answerer = QuestionAnswerer.Load(_answerer.Model);
        Assert.Equal(
            SquadMetrics.F1(answerer.Answer("what?", "the film was good").Best!.Value.Text, "film", SquadVersion.V1),
            Score(lines[2], "dev-v1.1"), 1e-12);
        Assert.Equal(SquadMetrics.F1("the film was good", "film", SquadVersion.V1), Score(lines[6], "dev-v1.1"), 1e-12);
    }

    [Fact]
    public void PublishedFiguresAreTheirs()
    {
        var lines = Run(["report", _tool.Model, _answerer.Model, "--json"]).Select(line => JsonNode.Parse(line)!)
            .Where(line => line["published"] is not null).ToList();
        var mobile = lines.Where(line => (string)line["model"]! == "MobileBERT").ToDictionary(line => (string)line["split"]!);
        Assert.Contains("2004.02984", (string)mobile["test"]["published"]!, StringComparison.Ordinal);
        Assert.Equal(0.833, Score(mobile["test"], "MNLI-m"), 1e-12);
        Assert.Equal(["exact_match", "f1"], mobile["dev"]["scores"]!.AsArray().Select(score => (string)score!["figure"]!));
        Assert.All(lines.SelectMany(line => line["scores"]!.AsArray()), score => Assert.InRange((double)score!["score"]!, 0.3, 1));
    }

    [Fact]
    public void AModelIsComparedWithTheFirstSliceBySlice()
    {
        using var other = new TestTool();
        (ModelConfiguration.Load(other.Model) with { Labels = ["neutral", "entailment", "contradiction"] }).Save(other.Model);
        var lines = Run(["report", _tool.Model, other.Model, "--json"]).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Null(lines[0]["slices"]);
        var slices = lines[1]["slices"]!.AsArray().Select(slice => slice!).ToList();
        Assert.All(slices, slice => Assert.Equal("MNLI", (string)slice["task"]!));
        Assert.Equal(["all", "length", "rare words", "negation", "overlap"],
            slices.Select(slice => (string)slice["kind"]!).Distinct().OrderBy(kind => kind is "negation" or "overlap"));
        var all = slices[0];
        Assert.Equal(4, (int)all["examples"]!);
        Assert.Equal(Share(_tool.Model), (double)all["first"]!, 1e-12);
        Assert.Equal(Share(other.Model), (double)all["this"]!, 1e-12);
        Assert.Equal(Share(other.Model) - Share(_tool.Model), ((int)all["only_this"]! - (int)all["only_first"]!) / 4.0, 1e-12);
        Assert.Equal(4, slices.Where(slice => (string)slice["kind"]! == "length").Sum(slice => (int)slice["examples"]!));
        var text = string.Join('\n', Run(["report", _tool.Model, other.Model]));
        Assert.Contains("a word is rare that train.tsv has fewer than 5 times", text, StringComparison.Ordinal);
        Assert.Contains("\n| all examples | 4 |", text, StringComparison.Ordinal);

        static double Share(string model)
        {
            using var classifier = TextClassifier.Load(model);
            (string, string, string)[] rows =
                [("good", "bad", "neutral"), ("film", "the film", "neutral"), ("bad", "film", "neutral"), ("good", "good", "entailment")];
            return rows.Average(row => classifier.Classify(row.Item1, row.Item2).Label == row.Item3 ? 1 : 0);
        }
    }

    [Fact]
    public void QuestionsAreComparedByTheirF1()
    {
        var line = JsonNode.Parse(Run(["report", _answerer.Model, _answerer.Model, "--json"])[1])!;
        var all = line["slices"]!.AsArray().Single(slice => (string)slice!["kind"]! == "all")!;
        Assert.Equal(("dev-v1.1", 1), ((string)all["task"]!, (int)all["examples"]!));
        Assert.Equal(Score(line, "dev-v1.1"), (double)all["first"]!, 1e-12);
        Assert.Equal((0, 0, 0), ((double)all["difference"]!, (double)all["low"]!, (double)all["high"]!));
    }

    [Fact]
    public void ATaskIsMeasuredByTheHeadOfItsName()
    {
        HeadConfiguration[] heads =
        [
            SeveralHeadsFolder.Intent with { Name = "sst2", Labels = ["positive", "unknown", "negative"] },
            SeveralHeadsFolder.Intent with { Name = "other", Labels = ["contradiction", "entailment", "neutral"] },
            SeveralHeadsFolder.Spans with { Name = "Dev-v1-1" },
            SeveralHeadsFolder.Slots with { Name = "names", Labels = ["O", "B-PER", "I-PER", "B-LOC"] },
        ];
        using var folder = new SeveralHeadsFolder(heads);
        Write("SST-2/dev.tsv", "sentence\tlabel\nthe film\t0\nbad\t0\nvery good\t1\nfilm\t1\n");
        var lines = Run(["report", folder.Path, folder.Alone(heads[0]), folder.Alone(heads[2]), folder.Alone(heads[3]), "--json"])
            .Select(line => JsonNode.Parse(line)!).ToList();
        string Scored(JsonNode line) => string.Concat(line["scores"]!.AsArray().Select(score => score!["score"] is null ? '-' : 'x'));
        Assert.Equal(["SST-2", "STS-B", "MNLI", "names", "scifact", "dev-v1.1"],
            lines[0]["scores"]!.AsArray().Select(score => (string)score!["task"]!));
        Assert.Equal(["x--x-x", "x-----", "-----x", "---x--"], lines.Take(4).Select(Scored));
        Assert.Equal(Score(lines[1], "SST-2"), Score(lines[0], "SST-2"));
        Assert.Equal(Score(lines[2], "dev-v1.1"), Score(lines[0], "dev-v1.1"));
        Assert.Equal(Score(lines[3], "names"), Score(lines[0], "names"));

        using var classifier = TextClassifier.Load(folder.Path, new TextClassifierOptions { Head = "sst2" });
        var right = ((string, string)[])
            [("the film", "negative"), ("bad", "negative"), ("very good", "positive"), ("film", "positive")];
        Assert.Equal(
            right.Average(row => classifier.Classify(row.Item1).Labels.First(label => label.Label != "unknown").Label == row.Item2 ? 1 : 0),
            Score(lines[0], "SST-2"), 1e-12);
    }

    [Fact]
    public void TheTableIsMarkdown()
    {
        var lines = Run(["report", _tool.Model, "--threads", "1"]);
        Assert.Equal("", lines[6]);
        Assert.Contains("theirs, not measured here", lines[7], StringComparison.Ordinal);
        Assert.Contains("MobileBERT, test, theirs [3] |", lines[9], StringComparison.Ordinal);
        Assert.EndsWith("| 84.6 | 82.0 | 83.3 | 84.6 | 82.5 |", lines[11], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("- [3] Sun et al., MobileBERT", StringComparison.Ordinal));
        lines = lines[..6];
        Assert.StartsWith("| model | parameters | M multiply-adds at 128 | file MB |", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(
            "| STS-B (pearson, spearman) | MNLI (accuracy) | names (f1) | scifact (ndcg_at_10) | dev-v1.1 (f1) |", lines[0],
            StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Count('|'), line.Count('|')));
        Assert.StartsWith("| linear (no network) | - |", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("| - | - | - | 100.00 | - |", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutTasksIsRefused()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_tool.Folder, "empty")).FullName;
        Assert.Contains("has no task", TestTool.Fails(1, "report", _tool.Model, "--tasks", empty), StringComparison.Ordinal);
        Assert.Contains("no such folder",
            TestTool.Fails(1, "report", _tool.Model, "--tasks", Path.Combine(empty, "x")), StringComparison.Ordinal);
        Assert.Contains("--tasks", TestTool.Fails(2, "report", _tool.Model), StringComparison.Ordinal);
    }

    private static double Score(JsonNode line, string task) =>
        (double)line["scores"]!.AsArray().Single(score => (string)score!["task"]! == task)!["score"]!;

    private string[] Run(string[] arguments)
    {
        var run = TestTool.Run([.. arguments, "--tasks", _tool.Folder, "--seconds", "0"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return run.Lines;
    }

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_tool.Folder, name))!);
        _tool.Write(name, content);
    }
}
