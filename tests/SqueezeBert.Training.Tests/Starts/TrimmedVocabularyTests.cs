using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

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
