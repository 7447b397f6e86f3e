using System.IO.Compression;
using System.Text;

namespace SqueezeBert.Evaluation.Tests;

public sealed class GlueTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("CoLA", "dev.tsv", "gj04\t1\t\tA \"text.\ngj05\t0\t*\tB\n", "A \"text.", null, "1")]
    [InlineData("SST-2", "dev.tsv", "sentence\tlabel\na text \t1\n", "a text ", null, "1")]
    [InlineData("MRPC", "dev.tsv", "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t5\t6\tA\tB\r\n", "A", "B", "1")]
    [InlineData("STS-B", "dev.tsv",
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n0\t\t\t\t\t\t\tA\tB\t4.75\n", "A", "B",
        "4.75")]
    [InlineData("QQP", "dev.tsv", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n7\t1\t2\tA\tB\t0\n", "A", "B", "0")]
    [InlineData("QNLI", "dev.tsv", "index\tquestion\tsentence\tlabel\n0\tA\tB\tnot_entailment\n", "A", "B", "not_entailment")]
    [InlineData("RTE", "dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\tentailment\n", "A", "B", "entailment")]
    [InlineData("WNLI", "dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\t1\n", "A", "B", "1")]
    public void TheFilesOfATaskAreRead(string name, string file, string content, string text, string? pair, string label)
    {
        Assert.True(GlueTask.TryFind(name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant(), out var task));
        Write(Path.Combine(name, file), content);
        var set = Assert.Single(GlueReader.Read(task, _folder, GlueSplit.Dev));
        Assert.Equal((text, pair, label), (set.Examples[0].Text, set.Examples[0].Pair, set.Examples[0].Label));
        Assert.Empty(set.SkippedLines);
        Assert.Equal(set.Examples, Assert.Single(GlueReader.Read(task, Path.Combine(_folder, name), GlueSplit.Dev)).Examples);
    }

    [Fact]
    public void MnliHasTwoSetsWhoseLabelIsTheLastColumn()
    {
        const string Header = "index\tsentence1\tsentence2\tlabel1\tlabel2\tgold_label\n";
        Write("dev_matched.tsv", $"{Header}0\tA\tB\tneutral\tneutral\tneutral\n1\tA\tB\t-\t-\t-\n");
        Write("dev_mismatched.tsv", $"{Header}0\tC\tD\tx\ty\tentailment\n");
        var sets = GlueReader.Read(Task("MNLI"), _folder, GlueSplit.Dev);
        Assert.Equal(["MNLI-m", "MNLI-mm"], sets.Select(set => set.Name));
        Assert.Equal("neutral", Assert.Single(sets[0].Examples).Label);
        Assert.Equal([3], sets[0].SkippedLines);
        Assert.Equal("entailment", sets[1].Examples[0].Label);
    }

    [Fact]
    public void BrokenRowsOfQqpAreCountedAndThoseOfOthersRefused()
    {
        const string Header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
        Write("QQP/dev.tsv", $"{Header}1\t2\t3\tA\tB\t1\n1\t2\t3\tbroken\ntext\tB\t1\n1\t2\t3\tA\tB\tC\n1\t2\t3\tA\tB\t0\n");
        var set = Assert.Single(GlueReader.Read(Task("QQP"), _folder, GlueSplit.Dev));
        Assert.Equal([2L, 6L], set.Examples.Select(example => example.Line));
        Assert.Equal([3, 4, 5], set.SkippedLines);

        Write("QQP/test.tsv", "id\tquestion1\tquestion2\n0\tA\tB\n1\tA\n");
        Assert.Equal(3, Refused("QQP", GlueSplit.Test).Line);
        Write("SST-2/dev.tsv", "sentence\tlabel\ngood\t1\nbad\n");
        Assert.Equal(3, Refused("SST-2", GlueSplit.Dev).Line);
    }

    /// <summary>As the script that made GLUE's files divides them: by a list of the ids of the development set.</summary>
    [Theory]
    [InlineData("dev_ids.tsv")]
    [InlineData("mrpc_dev_ids.tsv")]
    public void MicrosoftsFilesOfMrpcAreDividedByTheListOfIds(string list)
    {
        const string Header = "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n";
        Write("MRPC/msr_paraphrase_train.txt", $"{Header}1\t5\t6\tA\tB\r\n0\t6\t5\tC\tD\r\n1\t7\t8\tE\tF\r\n");
        Write("MRPC/msr_paraphrase_test.txt", $"{Header}1\t1\t2\tG\tH\r\n");
        var refusal = Assert.Throws<FileNotFoundException>(() => GlueReader.Read(Task("MRPC"), _folder, GlueSplit.Dev));
        Assert.Contains("dev_ids.tsv", refusal.Message, StringComparison.Ordinal);

        Write($"MRPC/{list}", "6\t5\r\n");
        Assert.Equal(["C"], Texts(GlueSplit.Dev));
        Assert.Equal(["A", "E"], Texts(GlueSplit.Train));
        Assert.Equal(["G"], Texts(GlueSplit.Test));

        // Files that are divided already come first.
        Write("MRPC/dev.tsv", $"{Header}1\t1\t2\tI\tJ\r\n");
        Assert.Equal(["I"], Texts(GlueSplit.Dev));

        Write($"MRPC/{list}", "6\r\n");
        Assert.Equal(1, Refused("MRPC", GlueSplit.Train).Line);

        IEnumerable<string> Texts(GlueSplit split) =>
            GlueReader.Read(Task("MRPC"), _folder, split).Single().Examples.Select(example => example.Text);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("sentence\n", "no column 'label'")]
    [InlineData("sentence\tlabel\n", "there is no row")]
    [InlineData("sentence\tlabel\na\0b\t1\n", "NUL")]
    public void FilesThatAreNoneOfTheTaskAreRefused(string content, string reason)
    {
        Write("SST-2/dev.tsv", content);
        Assert.Contains(reason, Refused("SST-2", GlueSplit.Dev).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherEncodingsAndHugeRowsAreRefused()
    {
        Write("SST-2/dev.tsv", "sentence\tlabel\na\t1\n", Encoding.Unicode);
        Assert.Contains("UTF-16", Refused("SST-2", GlueSplit.Dev).Message, StringComparison.Ordinal);
        Write("SST-2/dev.tsv", $"sentence\tlabel\n{new string('a', (16 << 20) + 1)}\t1\n");
        Assert.Equal(2, Refused("SST-2", GlueSplit.Dev).Line);
        var missing = Assert.Throws<FileNotFoundException>(() => GlueReader.Read(Task("RTE"), _folder, GlueSplit.Test));
        Assert.Contains(Path.Combine(_folder, "RTE", "test.tsv"), missing.Message, StringComparison.Ordinal);
    }

    /// <summary>Its only file is that of the evaluation, on which nothing may be trained.</summary>
    [Fact]
    public void TheDiagnosticSetHasNoTrainingSet()
    {
        Write("AX/diagnostic-full.tsv", "Premise\tHypothesis\tLabel\na\tb\tneutral\n");
        Assert.Single(GlueReader.Read(Task("AX"), _folder, GlueSplit.Dev));
        Assert.Equal(["AX"], GlueTask.All.Where(task => !task.HasTraining).Select(task => task.Name));
        var refused = Assert.Throws<ArgumentException>(() => GlueReader.Read(Task("AX"), _folder, GlueSplit.Train));
        Assert.Contains("AX has no training set", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsAreFoundByNameWhateverTheirOrder()
    {
        Assert.Equal((2, 0, 1), Places(Task("MNLI").LabelsOf(["ENTAILMENT", "neutral", "Contradiction"]), "contradiction", "entailment",
            "neutral"));
        Assert.Equal((1, 0, 1), Places(Task("SST-2").LabelsOf(["POSITIVE", "NEGATIVE"]), "0", "1", "0"));
        Assert.Equal((0, 1, 0), Places(Task("RTE").LabelsOf(["LABEL_0", "LABEL_1"]), "entailment", "not_entailment", "entailment"));
        Assert.Throws<ArgumentException>(() => Task("MNLI").LabelsOf(["LABEL_0", "LABEL_1", "LABEL_2"]));
        Assert.Throws<ArgumentException>(() => Task("SST-2").LabelsOf(["happy", "sad"]));
        Assert.Throws<ArgumentException>(() => Task("SST-2").LabelsOf(["a", "b", "c"]));

        static (int First, int Second, int Third) Places(LabelList list, string first, string second, string third) =>
            (Place(list, first), Place(list, second), Place(list, third));

        static int Place(LabelList list, string value) => list.TryFind(value, out var place) ? place : -1;
    }

    [Fact]
    public void LabelsThatATaskDoesNotHaveAreLeftOut()
    {
        var labels = Task("SST-2").LabelsOf(["positive", "neutral", "negative"]);
        Assert.Equal(["positive", "negative"], labels.Names);
        Assert.Equal(0, labels.PositiveClass);
        Assert.True(labels.TryFind("0", out var place));
        Assert.Equal(1, place);
        Assert.Equal("negative", labels.BestOf(Answer("neutral", "negative", "positive")));
        Assert.Equal("positive", labels.BestOf(Answer("positive", "neutral", "negative")));
        Assert.Throws<ArgumentException>(() => labels.BestOf(Answer("a", "b")));
        Assert.Throws<ArgumentException>(() => Task("SST-2").LabelsOf(["positive", "neutral", "mixed"]));

        static Classification Answer(params string[] best) => new()
        {
            Labels = [.. best.Select((label, place) => new LabelScore { Label = label, Score = 1f / (place + 2) })],
            Read = default,
        };
    }

    [Fact]
    public void ScoresAreMeansOfTheOfficialFigures()
    {
        var report = new ClassificationReport(["no", "yes"], ConfusionMatrix.Of([1, 1, 1, 0], [1, 1, 0, 0], 2));
        Assert.Equal((0.75 + 0.8) / 2, Task("MRPC").Score(report), 1e-15);
        Assert.Equal(0.75, Task("SST-2").Score(report));
        Assert.Equal(report.Matrix.Matthews, Task("CoLA").Score(report));
        Assert.Throws<ArgumentException>(() => Task("STS-B").Score(report));
        var scores = GlueTask.All.Where(task => task.Name != "AX").Index().ToDictionary(one => one.Item, one => (double)one.Index);
        Assert.Equal(4, GlueTask.Total(scores));
        scores.Remove(Task("WNLI"));
        Assert.Throws<ArgumentException>(() => GlueTask.Total(scores));
    }

    [Fact]
    public void ASubmissionIsAZipOfNumberedPredictions()
    {
        var path = Path.Combine(_folder, "submission.zip");
        var missing = GlueSubmission.Put(path, "STS-B", [GlueSubmission.Text(5.2), GlueSubmission.Text(1.23456)]);
        Assert.Equal(10, missing.Count);
        missing = GlueSubmission.Put(path, "MNLI-m", ["neutral"]);
        Assert.Equal(["CoLA", "SST-2", "MRPC", "QQP", "MNLI-mm", "QNLI", "RTE", "WNLI", "AX"], missing);
        GlueSubmission.Put(path, "MNLI-m", ["entailment"]);
        using var zip = ZipFile.OpenRead(path);
        Assert.Equal(["STS-B.tsv", "MNLI-m.tsv"], zip.Entries.Select(entry => entry.FullName));
        Assert.Equal("index\tprediction\n0\t5.000\n1\t1.235\n", Text(zip.Entries[0]));
        Assert.Equal("index\tprediction\n0\tentailment\n", Text(zip.Entries[1]));
        Assert.Throws<ArgumentException>(() => GlueSubmission.Put(path, "MNLI", []));

        File.WriteAllText(Path.Combine(_folder, "no.zip"), "text");
        Assert.Throws<DataFormatException>(() => GlueSubmission.Put(Path.Combine(_folder, "no.zip"), "RTE", []));
        Assert.Equal("text", File.ReadAllText(Path.Combine(_folder, "no.zip")));

        static string Text(ZipArchiveEntry entry)
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        }
    }

    private static GlueTask Task(string name) => GlueTask.TryFind(name, out var task) ? task : throw new ArgumentException(name);

    private DataFormatException Refused(string task, GlueSplit split) =>
        Assert.Throws<DataFormatException>(() => GlueReader.Read(Task(task), _folder, split));

    private void Write(string name, string content, Encoding? encoding = null)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, encoding ?? new UTF8Encoding(false));
    }
}
