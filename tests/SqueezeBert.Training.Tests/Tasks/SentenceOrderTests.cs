using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks.Ordering;
using SqueezeBert.Training.Tests.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class SentenceOrderTests
{
    private const string Order = """
        "task": "sentence-order", "data": [ { "file": "stories.txt" } ], "epochs": 20
        """;

    private const string Both = """
        "task": "pretraining", "data": [ { "file": "stories.txt" } ], "epochs": 25
        """;

    [Fact]
    public void TheOrderOfSegmentsIsLearnt()
    {
        using var toy = Toy();
        var evaluation = HeadRun.Train(toy, Order).Evaluation!;
        Assert.True(evaluation.Accuracy > 0.8, $"accuracy {evaluation.Accuracy}");
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal("SqueezeBertForNextSentencePrediction", folder.Configuration.Architectures[0]);
        Assert.True(folder.TryFind("cls.seq_relationship.weight", out _));
    }

    [Fact]
    public void WordsAndOrderAreLearntTogether()
    {
        using var toy = Toy();
        var evaluation = HeadRun.Train(toy, Both).Evaluation!;
        Assert.True(evaluation.Figures["order_accuracy"] > 0.75, $"order {evaluation.Figures["order_accuracy"]}");

        // Half of the words stand in either half of a story: knowing which is worth ln 2 of the ln 20.
        Assert.True(evaluation.Figures["masked_loss"] < Math.Log(ToyTask.Words) - 0.3, $"words {evaluation.Figures["masked_loss"]}");
        Assert.Equal(evaluation.Figures["masked_loss"] + evaluation.Figures["order_loss"], evaluation.Loss);
        using var filler = MaskFiller.Load(toy.Path("out"));
        Assert.NotEmpty(filler.Fill("w1 [MASK] w2", cancellationToken: TestContext.Current.CancellationToken).Masks);
    }

    [Theory]
    [InlineData(Order)]
    [InlineData(Both)]
    [InlineData(Both + ", \"wrong_segment\": \"other\"")]
    public void ARunThatIsInterruptedGoesOn(string stage)
    {
        using var toy = Toy();
        HeadRun.AssertResumes(toy, stage);
    }

    [Fact]
    public void DocumentsAreCutBetweenSentences()
    {
        using var folder = new DataFolder();
        folder.Write("x.txt", "A b c. D e f.\nG h i.\n\nJ k l m n o.\n\nP q r. S t u.\n");
        var data = folder.Read(Recipe());

        // A document of one sentence has no second segment.
        var texts = Enumerable.Range(0, data.Train.Count).Select(i => folder.Text(data.Train, i)).ToList();
        Assert.Contains(texts[0], (string[])["CabcUSdefUghiUS", "CabcUdefUSghiUS"]);
        Assert.Equal("CpqrUSstuUS", texts[1]);
        Assert.Equal(2, texts.Count);
    }

    /// <summary>Half of the pairs are made wrong, the same ones whenever the key is the same.</summary>
    [Theory]
    [InlineData(WrongSegment.Swapped)]
    [InlineData(WrongSegment.Other)]
    public void WrongPairsAreSwappedOrOfAnotherDocument(WrongSegment wrong)
    {
        using var folder = new DataFolder();
        folder.Write("x.txt", "A b c d. E f g h.\n\nI j k l. M n o p.\n");
        var set = folder.Read(Recipe()).Train;
        var (right, count) = (0, 200);
        for (var key = 0; key < count; key++)
        {
            var batch = new MicroBatch();
            var writer = new SegmentPairWriter(wrong, 32, masking: null);
            writer.Add(batch, set, set[0], (ulong)key);
            var text = string.Concat(batch.Batch.TokenIds.ToArray().Select(id => id < 5 ? "PUCSM"[id] : (char)('a' + id - 5)));
            var expected = batch.Labels.Classes[0] == 0 ? "CabcdUSefghUS"
                : wrong == WrongSegment.Swapped ? "CefghUSabcdUS" : "CabcdUSmnopUS";
            Assert.Equal(expected, text);
            Assert.Equal(7, batch.Batch.TokenTypeIds.IndexOf(1));
            right += batch.Labels.Classes[0] == 0 ? 1 : 0;
        }

        Assert.InRange(right, 70, 130);
    }

    private static StageRecipe Recipe() => new()
    {
        Name = "s",
        Task = TrainingTasks.SentenceOrder,
        HeldOut = 0,
        MaxLength = 32,
        Data = [new DataSource { File = "x.txt" }],
    };

    /// <summary>Stories whose first sentences have the words w0 to w9 and whose last ones w10 to w19.</summary>
    private static ToyTask Toy()
    {
        var toy = new ToyTask();
        var random = new Random(12);
        var lines = new List<string>();
        for (var story = 0; story < 300; story++)
        {
            lines.Add(string.Join(' ', Enumerable.Range(0, 4).Select(sentence =>
                $"W{Word(sentence)} {string.Join(' ', Enumerable.Range(0, 3).Select(_ => $"w{Word(sentence)}"))}.")));
            lines.Add("");
        }

        File.WriteAllLines(toy.Path("stories.txt"), lines);
        return toy;

        int Word(int sentence) => (sentence < 2 ? 0 : 10) + random.Next(10);
    }
}
