using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.Tests.Starts;

public sealed class TrimmedVocabularyTests
{
    /// <summary>Pieces that the texts do not have are gone from tokenizer, table and decoder; the others mean what they meant.</summary>
    [Theory]
    [InlineData("bert", "BertModel", "embeddings.word_embeddings.weight")]
    [InlineData("bert", "BertForMaskedLM", "cls.predictions.bias")]
    [InlineData("mobilebert", "MobileBertForMaskedLM", "cls.predictions.dense.weight")]
    public void TokenizerAndTablesAgree(string type, string architecture, string perPiece)
    {
        using var teacher = new TinyTeacher(architecture, type, change: fields =>
        {
            if (type == "mobilebert") (fields["intra_bottleneck_size"], fields["embedding_size"]) = (TinyTeacher.Width, 16);
        });
        var text = teacher.Place("pieces.txt");
        File.WriteAllLines(text, ["the film was very good", "the dog runs", "the film"]);
        var options = new StudentOptions { KeepLayers = [0, 2], Vocabulary = new VocabularyTrim(10, [text]) };
        var report = StudentModel.Create(teacher.Path, teacher.Place("student"), options);

        // Five special pieces, "a", which is a character, and the four that are most frequent; of equal ones the first.
        var tokenizer = BertTokenizer.Load(teacher.Place("student"));
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "film", "was", "very", "a"],
            Enumerable.Range(0, 10).Select(id => tokenizer.Vocabulary[id]));
        Assert.Equal((10, 10, 0.0), (tokenizer.Vocabulary.Count, report.Configuration.VocabularySize, report.TokenGrowth));
        using var student = ModelFolder.Open(teacher.Place("student"));
        using var source = ModelFolder.Open(teacher.Path);
        Assert.Empty(student.CompareWeights().Missing);
        Assert.Equal(2, student.Configuration.LayerCount);
        Assert.True(student.TryFind(perPiece, out var table) && table.Shape.Contains(10));

        // A text of pieces that stay has the hidden states that it had.
        if (architecture != "BertModel") return;
        var whole = teacher.Place("whole");
        StudentModel.Create(teacher.Path, whole, new StudentOptions { KeepLayers = [0, 2] });
        Assert.Equal(Vector(whole, "the film was very a film"), Vector(teacher.Place("student"), "the film was very a film"));
        Assert.NotEqual(Vector(whole, "dog"), Vector(teacher.Place("student"), "dog"));
    }

    /// <summary>
    /// What stays: special and added pieces, single characters (one of two runes too), and pieces that the texts have, most frequent
    /// first. Of two ids of one piece the first is never given, so it goes.
    /// </summary>
    [Fact]
    public void PiecesThatNothingNeedsAreGoneEvenWhereThereIsRoom()
    {
        using var teacher = new TinyTeacher();
        var file = teacher.Place("pieces.txt");
        File.WriteAllText(file, "the film [SLOT] a the fil\n");
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog", "a", "the", "##b", "e\u0301", "film", "##ilm", "f", "a",
            "fil", "[SLOT]"];
        var tokenizer = BertTokenizer.FromVocabulary(
            pieces,
            new BertTokenizerOptions { AddedTokens = [.. new[] { 0, 1, 2, 3, 4, 15 }.Select(id => new AddedToken(id, pieces[id]))] });
        string[] needed = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##b", "e\u0301", "f", "a", "[SLOT]"];
        Assert.Equal(needed.Order(), Kept(needed.Length).Order());
        Assert.Equal([.. needed.Append("the").Order()], Kept(needed.Length + 1).Order());
        Assert.Equal([.. needed.Append("the").Append("film").Order()], Kept(needed.Length + 2).Order());
        var whole = new TrimmedVocabulary(tokenizer, new VocabularyTrim(100, [file]), TestContext.Current.CancellationToken);
        Assert.Equal(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "##b", "e\u0301", "film", "f", "a", "fil", "[SLOT]"],
            Spelt(whole));
        Assert.Equal((13, 0.0), (whole.Size, whole.Growth));

        // An added token has the number of its new place.
        Assert.Equal(
            [5, 12, 10], whole.Tokenizer.Encode("the [SLOT] a", new EncodingOptions { AddSpecialTokens = false }).Ids.ToArray());

        IEnumerable<string> Kept(int count) => Spelt(
            new TrimmedVocabulary(tokenizer, new VocabularyTrim(count, [file]), TestContext.Current.CancellationToken));

        static List<string> Spelt(TrimmedVocabulary trimmed) =>
            [.. Enumerable.Range(0, trimmed.Size).Select(id => trimmed.Tokenizer.Vocabulary[id])];
    }

    [Fact]
    public void WhatCannotBeTrimmedIsRefused()
    {
        using var teacher = new TinyTeacher();
        var text = teacher.Text(10);
        Refused("5 pieces are too few", new StudentOptions { Vocabulary = new VocabularyTrim(5, [text]) });
        Refused("name at least one file", new StudentOptions { Vocabulary = new VocabularyTrim(20, []) });
        Refused("make the other student of that one", new StudentOptions { Vocabulary = new VocabularyTrim(20, [text]), Static = new() });
        File.WriteAllText(teacher.Place("empty.txt"), "");
        Assert.Throws<Evaluation.DataFormatException>(() => StudentModel.Create(
            teacher.Path, teacher.Place("no"), new StudentOptions { Vocabulary = new VocabularyTrim(20, [teacher.Place("empty.txt")]) }));
        Assert.False(Directory.Exists(teacher.Place("no")));

        void Refused(string message, StudentOptions options) => Assert.Contains(message, Assert.Throws<ArgumentException>(
            () => StudentModel.Create(teacher.Path, teacher.Place("no"), options)).Message, StringComparison.Ordinal);
    }

    private static float[] Vector(string folder, string text)
    {
        using var embedder = TextEmbedder.Load(folder);
        return embedder.Embed(text).Vector.ToArray();
    }
}
