using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tests.Data;

/// <summary>Texts in several forms, mixed by their shares of the tokens, without those that must not be seen.</summary>
public sealed class TextMixtureTests
{
    [Fact]
    public void AFileIsReadInItsForm()
    {
        using var folder = new DataFolder();
        folder.Write("a.txt", "A b c. D e. F g h i.\n\nJ k. L m.\n");
        Assert.Equal(["CabcUS", "CdeUS", "CfghiUS", "CjkUS", "ClmUS"], Texts(folder, TextForm.Sentences, "a.txt"));
        Assert.Equal(["CabcUdeUfghiUS", "CjkUlmUS"], Texts(folder, TextForm.Paragraphs, "a.txt"));

        // Two or three sentences, as the text's hash says; one that is left alone is no passage.
        var passages = Texts(folder, TextForm.Passages, "a.txt");
        Assert.Contains("CjkUlmUS", passages);
        Assert.Contains(passages, passage => passage is "CabcUdeUS" or "CabcUdeUfghiUS");
        Assert.Equal(2, passages.Count);
    }

    [Fact]
    public void SpansAreThreeToTwelveWordsOfASentence()
    {
        using var folder = new DataFolder();
        var random = new Random(4);
        folder.Write("a.txt", string.Concat(Enumerable.Range(0, 200).Select(_ => string.Join(' ', Enumerable.Range(0, 1 + random.Next(40))
            .Select(_ => (char)('a' + random.Next(26)))) + "\n")));
        var lengths = Texts(folder, TextForm.Spans, "a.txt").Select(text => text.Length - 2).ToList();
        Assert.Equal(Enumerable.Range(3, 10), lengths.Distinct().Order());
    }

    [Fact]
    public void APieceThatIsTooLongIsCut()
    {
        using var folder = new DataFolder();
        folder.Write("a.txt", string.Join(' ', Enumerable.Repeat("a", 25)) + "\n" + string.Join(' ', Enumerable.Repeat("b", 31)) + "\n");
        var texts = Texts(folder, TextForm.Paragraphs, "a.txt", length: 14);

        // A rest of seven tokens or fewer says little.
        Assert.Equal([12, 12, 12, 12], texts.Select(text => text.Length - 2));
    }

    [Fact]
    public void SharesAreOfTokens()
    {
        using var folder = new DataFolder();
        var random = new Random(2);
        folder.Write("short.txt", Lines(random, 2000, 3));
        folder.Write("long.txt", Lines(random, 2000, 20));
        folder.Write("few.tsv", "text\tmore\n" + string.Concat(Enumerable.Range(0, 20).Select(_ => "x y z\tu v w\n")));
        var data = folder.Read(Stage(
            new DataSource { File = "short.txt", Weight = 5, Form = TextForm.Paragraphs },
            new DataSource { File = "long.txt", Weight = 3, Form = TextForm.Paragraphs },
            new DataSource { File = "few.tsv", Pair = "more", Weight = 2, Form = TextForm.Paragraphs }));
        var tokens = new double[3];
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var order = new EpochOrder(data, null, 500, 1, epoch);
            for (var step = 0; step < order.StepCount; step++)
            {
                foreach (var index in order.Examples(step, data.Train))
                    tokens[data.Train.SourceOf(data.Train[index].Text)] += data.Train[index].Length;
            }
        }

        var all = tokens.Sum();
        Assert.Equal(3.0 * data.Train.TokenCount, all, 0.02 * all);
        Assert.Equal(0.5, tokens[0] / all, 0.01);
        Assert.Equal(0.3, tokens[1] / all, 0.01);
        Assert.Equal(0.2, tokens[2] / all, 0.01);
    }

    [Theory]
    [InlineData(TextForm.Sentences)]
    [InlineData(TextForm.Spans)]
    [InlineData(TextForm.Passages)]
    [InlineData(TextForm.Paragraphs)]
    public void TextsOfADevelopmentSetAreLeftOut(TextForm form)
    {
        using var folder = new DataFolder();
        folder.Write("dev.tsv", "first\tsecond\nx x x x x x x x x x x x x x x x!\ty y y y\nQ q q q q q q q q q q q q q q q q. Z z.\tv\n");
        folder.Write("a.txt",
            "A b c. X X X, x x x x x x x x x x x x x? D e f. G h i.\ny y y y\nz z\nQ q q q q q q q q q q q q q q q q. R r r. S s s.\n");
        var texts = Texts(folder, form, "a.txt", 60, new DataSource { File = "dev.tsv", Text = "first", Pair = "second" });
        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.DoesNotContain(text, letter => letter is 'x' or 'y' or 'q'));

        // A short sentence of an excluded text is nobody's own.
        if (form is TextForm.Sentences or TextForm.Paragraphs) Assert.Contains("CzzS", texts);
        Assert.Contains(Texts(folder, form, "a.txt", 60), text => text.Contains('x'));
    }

    [Fact]
    public void ASampleIsAShareOfTheTexts()
    {
        using var folder = new DataFolder();
        folder.Write("a.txt", Lines(new Random(3), 4000, 8));
        StageData Read(double sample, TextForm form) =>
            folder.Read(Stage(new DataSource { File = "a.txt", Form = form, Sample = sample }));
        Assert.Equal(1000, Read(0.25, TextForm.Paragraphs).Train.Count, 80.0);

        // The same each time, and other texts for another form.
        Assert.Equal(Read(0.25, TextForm.Paragraphs).Train.TokenCount, Read(0.25, TextForm.Paragraphs).Train.TokenCount);
        var (one, other) = (All(folder, Read(0.25, TextForm.Paragraphs)), All(folder, Read(0.25, TextForm.Sentences)));
        Assert.InRange(one.Intersect(other).Count(), 150, 350);
    }

    private static string Lines(Random random, int count, int words) => string.Concat(Enumerable.Range(0, count).Select(_ =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => (char)('a' + random.Next(26)))) + "\n"));

    private static StageRecipe Stage(params DataSource[] data) => new()
    {
        Name = "mixture",
        Task = TrainingTasks.Distillation,
        Data = data,
        HeldOut = 0,
    };

    private static List<string> Texts(DataFolder folder, TextForm form, string file, int length = 128, params DataSource[] exclude) =>
        All(folder, folder.Read(Stage(new DataSource { File = file, Form = form }) with { MaxLength = length, Exclude = exclude }));

    private static List<string> All(DataFolder folder, StageData data) =>
        [.. Enumerable.Range(0, data.Train.Count).Select(i => folder.Text(data.Train, i))];
}
